// SPDX-License-Identifier: Apache-2.0
//
// What the full rule set says of raw log text, through the same stages as `krbtrail scan`.
//
//   const Judged judged = judge(text, Decoding::relevant);
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/activity/accounts.h"
#include "krbtrail/activity/exec_text.h"
#include "krbtrail/activity/file_names.h"
#include "krbtrail/activity/interpreter.h"
#include "krbtrail/activity/process_table.h"
#include "krbtrail/activity/recent_opens.h"
#include "krbtrail/activity/watch.h"
#include "krbtrail/audit/decoder.h"
#include "krbtrail/audit/literal_scanner.h"
#include "krbtrail/audit/scan_lane.h"
#include "krbtrail/audit/syscall_name.h"
#include "krbtrail/detect/ccache_rules.h"
#include "krbtrail/detect/kusto_text.h"

namespace krbtrail::test {

// every: as with --no-prefilter. relevant: those that hold a literal, or are watched, or whose call
// is of interest, as the pipeline asks; the others are skipped.
enum class Decoding { every, relevant };

struct Judged {
  std::vector<model::Finding> findings;
  std::vector<model::Incident> incidents;
  std::set<std::string> relevant;  // the events, SECONDS.MILLISECONDS:SERIAL, in either mode
  std::size_t events = 0;
  model::Coverage coverage;
};

class LogJudge {
 public:
  LogJudge(Decoding decoding, const detect::Settings& settings)
      : decoding_(decoding),
        literals_(detect::ccache_literals(settings)),
        accounts_(std::string_view{}),
        table_({}, accounts_, judged_.coverage),
        names_(
            {}, [this](std::string_view base) { return has_literal(base); }, judged_.coverage),
        opens_(table_, names_, judged_.coverage),
        decoder_(judged_.coverage),
        rules_(
            {.settings = settings}, inputs_, hosts_, table_, watch_, opens_, judged_.coverage,
            [this](model::Finding finding) { judged_.findings.push_back(std::move(finding)); },
            [this](model::Incident incident) { judged_.incidents.push_back(std::move(incident)); }),
        interpreter_(table_, accounts_, names_, rules_) {}

  [[nodiscard]] Judged run(std::string_view text) {
    const audit::LiteralScanner scanner{literals_.anywhere};
    audit::ScanLane lane{
        {}, scanner, hosts_, judged_.coverage, [this](const audit::Event& event) { push(event); }};
    std::string_view rest = text;
    std::vector<audit::LogInput> inputs(1);
    inputs[0].input = inputs_.intern("audit.log");
    inputs[0].default_host = hosts_.intern("host");
    inputs[0].read = [&rest](std::span<char> out) {
      const std::size_t size = std::min(rest.size(), out.size());
      std::copy_n(rest.begin(), size, out.begin());
      rest.remove_prefix(size);
      return size;
    };
    lane.scan(inputs);
    rules_.finish();
    return std::move(judged_);
  }

 private:
  [[nodiscard]] bool has_literal(std::string_view text) const {
    return std::ranges::any_of(literals_.anywhere, [&](std::string_view literal) {
      return detect::contains(text, literal);
    });
  }

  void push(const audit::Event& event) {
    const bool is_call = event.call && audit::is_call_of_interest(audit::syscall_of(
                                           event.call->arch, event.call->syscall));
    const bool is_relevant = event.relevant || exec_scanner_.finds_any(exec_text_.of(event)) ||
                             is_call || watch_.wants(event);
    ++judged_.events;
    if (is_relevant)
      judged_.relevant.insert(event.key.to_string());
    table_.observe(event);
    opens_.observe(event);
    if (is_relevant || decoding_ == Decoding::every)
      interpreter_.push(decoder_.decode(event));
    else
      interpreter_.skip(event);
  }

  Judged judged_;
  Decoding decoding_;
  detect::Literals literals_;
  audit::LiteralScanner exec_scanner_{literals_.in_execs};
  activity::ExecText exec_text_;
  model::InputNames inputs_;
  model::HostNames hosts_;
  activity::Accounts accounts_;
  activity::ProcessTable table_;
  activity::FileNames names_;
  activity::Watch watch_;
  activity::RecentOpens opens_;
  audit::Decoder decoder_;
  detect::CcacheRules rules_;
  activity::Interpreter interpreter_;
};

[[nodiscard]] inline Judged judge(std::string_view text, Decoding decoding,
                                  const detect::Settings& settings = {}) {
  return LogJudge{decoding, settings}.run(text);
}

}  // namespace krbtrail::test
