// SPDX-License-Identifier: Apache-2.0
//
// What merge does with a file of findings: every line is read or refused, a line that was written
// is read again as the same line, and gathering and linking end with each id once.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "cli/line_reader.h"
#include "cli/merged_runs.h"
#include "fuzz/require.h"
#include "krbtrail/activity/accounts.h"
#include "krbtrail/detect/incident_linker.h"
#include "krbtrail/report/gathering.h"
#include "krbtrail/report/ndjson_reader.h"
#include "report/json_objects.h"
#include "support/memory_source.h"

namespace krbtrail::fuzz {
namespace {

std::string line_of(const model::Finding& finding) {
  std::string line;
  report::append_finding(line, finding);
  return line;
}

std::string line_of(const model::Incident& incident) {
  std::string line;
  report::append_incident(line, incident);
  return line;
}

template <class Object>
void check_written_again(report::NdjsonReader& reader, const Object& object) {
  const std::string line = line_of(object);
  const model::Result<report::NdjsonObject> again = reader.read(line);
  require(again.has_value(), "what was written can be read");
  require(std::holds_alternative<Object>(again.value()), "as what it was");
  require(line_of(std::get<Object>(again.value())) == line, "and is the same line");
}

class Files {
 public:
  void read(std::string_view bytes) {
    test::MemorySource source{std::string{bytes}};
    cli::LineReader lines{source, report::NdjsonReader::kLineLimit};
    runs_.begin("f");
    while (const auto line = lines.next()) {
      const model::Result<report::NdjsonObject> object = reader_.read(line->text);
      if (!object)
        runs_.reject(line->number, object.error().message);
      else
        std::visit([&](const auto& told) { take(told, line->text); }, object.value());
    }
    runs_.end(lines.status());
  }

  void link() {
    require(gathering_
                .drop_copies({.on_finding =
                                  [&](const model::Finding& finding) {
                                    linker_.add(finding);
                                    return model::Status{};
                                  },
                              .on_incident =
                                  [&](const model::Incident& incident) {
                                    linker_.add(incident);
                                    return model::Status{};
                                  }})
                .has_value(),
            "memory does not fail");
    linker_.link();
  }

  void tell() {
    std::set<std::string> findings;
    std::set<std::string> incidents;
    require(gathering_
                .drain({.on_finding =
                            [&](model::Finding finding) {
                              require(findings.insert(finding.id).second, "a finding is told once");
                              linker_.annotate(finding);
                              check_written_again(reader_, finding);
                              return model::Status{};
                            },
                        .on_incident =
                            [&](model::Incident incident) {
                              require(incidents.insert(incident.id).second,
                                      "an incident is told once");
                              linker_.annotate(incident);
                              check_written_again(reader_, incident);
                              return model::Status{};
                            }})
                .has_value(),
            "memory does not fail");
    require(findings.size() + incidents.size() + gathering_.copies() == taken_,
            "what came is told or a copy");
    static_cast<void>(runs_.coverage());
    static_cast<void>(runs_.summary());
  }

 private:
  void take(const model::Finding& finding, std::string_view line) {
    check_written_again(reader_, finding);
    runs_.saw(finding);
    ++taken_;
    require(gathering_.push(finding, line).has_value(), "memory does not fail");
  }
  void take(const model::Incident& incident, std::string_view line) {
    check_written_again(reader_, incident);
    runs_.saw(incident);
    ++taken_;
    require(gathering_.push(incident, line).has_value(), "memory does not fail");
  }
  void take(const model::HostCoverage& host, std::string_view /*line*/) { runs_.add(host); }
  void take(const model::Coverage& coverage, std::string_view /*line*/) { runs_.add(coverage); }
  void take(const report::RunSummary& run, std::string_view /*line*/) { runs_.add(run); }
  void take(const report::UnknownObject& /*object*/, std::string_view /*line*/) {}

  report::NdjsonReader reader_;
  cli::MergedRuns runs_;
  report::Gathering gathering_{{.directory = "/tmp"}};
  activity::Accounts accounts_{std::string_view{}};
  detect::IncidentLinker linker_{{}, accounts_};
  std::uint64_t taken_ = 0;
};

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  krbtrail::fuzz::Files files;
  // Twice, so that there are copies.
  for (int i = 0; i < 2; ++i)
    files.read({reinterpret_cast<const char*>(data), size});
  files.link();
  files.tell();
  return 0;
}
