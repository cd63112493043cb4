// SPDX-License-Identifier: Apache-2.0
#include "cli/live_outputs.h"

#include <algorithm>
#include <utility>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace krbtrail::cli {

namespace {

std::unique_ptr<report::Outlet> make_outlet(const OutputTarget& output) {
  switch (output.kind) {
    case OutputTarget::Kind::ndjson:
      return report::outlet_to_file(output.target);
    case OutputTarget::Kind::syslog:
      return report::outlet_to_syslog(facility_number(output.target), "syslog:" + output.target);
    case OutputTarget::Kind::unix_socket:
      return report::outlet_to_socket(output.target);
    case OutputTarget::Kind::exec:
      return report::outlet_to_command(output.target);
  }
  return nullptr;
}

bool is_null_device(int descriptor) {
  struct stat facts {};
  return fstat(descriptor, &facts) == 0 && S_ISCHR(facts.st_mode) && facts.st_rdev == makedev(1, 3);
}

}  // namespace

LiveOutputs::LiveOutputs(const std::vector<OutputTarget>& targets) {
  for (const OutputTarget& target : targets)
    outlets_.push_back(make_outlet(target));
  if (!outlets_.empty())
    return;
  outlets_.push_back(report::outlet_to_descriptor(STDOUT_FILENO, "standard output"));
  leads_nowhere_ = is_null_device(STDOUT_FILENO);
}

void LiveOutputs::push(const report::OutletLine& line) {
  for (const auto& outlet : outlets_)
    outlet->push(line);
}

void LiveOutputs::pump() {
  for (const auto& outlet : outlets_)
    outlet->pump();
}

bool LiveOutputs::is_idle() const {
  return std::ranges::all_of(outlets_, [](const auto& outlet) { return outlet->is_idle(); });
}

void LiveOutputs::give_up() {
  for (const auto& outlet : outlets_)
    outlet->give_up();
}

bool LiveOutputs::has_lost() const {
  return std::ranges::any_of(outlets_,
                             [](const auto& outlet) { return outlet->counts().lost != 0; });
}

std::vector<model::OutputCounts> LiveOutputs::counts() const {
  std::vector<model::OutputCounts> all;
  for (const auto& outlet : outlets_)
    all.push_back(outlet->counts());
  return all;
}

std::vector<model::Error> LiveOutputs::take_problems() {
  std::vector<model::Error> all;
  for (const auto& outlet : outlets_) {
    for (model::Error& problem : outlet->take_problems())
      all.push_back(std::move(problem));
  }
  return all;
}

}  // namespace krbtrail::cli
