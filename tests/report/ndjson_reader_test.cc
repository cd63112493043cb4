// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/ndjson_reader.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "krbtrail/report/escape.h"
#include "report/json_objects.h"
#include "report/reading_back.h"
#include "report/samples.h"
#include "support/catch.h"
#include "support/nasty_strings.h"

namespace {

namespace model = krbtrail::model;
namespace report = krbtrail::report;
using krbtrail::report::NdjsonObject;
using krbtrail::report::NdjsonReader;

NdjsonObject object_of(std::string_view line) {
  NdjsonReader reader;
  const model::Result<NdjsonObject> object = reader.read(line);
  INFO(line);
  INFO((object ? std::string{} : object.error().message));
  REQUIRE(object);
  return object.value();
}

std::string fault_of(std::string_view line) {
  NdjsonReader reader;
  const model::Result<NdjsonObject> object = reader.read(line);
  CAPTURE(line);
  REQUIRE_FALSE(object);
  return object.error().message;
}

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

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t place = text.find(what);
  REQUIRE(place != std::string::npos);
  return text.replace(place, what.size(), with);
}

TEST_CASE("a finding that is read and written again is the same line", "[report][ndjson_reader]") {
  model::Finding lone;
  lone.id = "0123456789abcdef";
  for (const model::Finding& finding :
       {krbtrail::test::theft(), krbtrail::test::full_linux_finding(),
        krbtrail::test::full_windows_finding(), lone}) {
    const std::string line = line_of(finding);
    CHECK(line_of(std::get<model::Finding>(object_of(line))) == line);
  }
}

TEST_CASE("an incident that is read and written again is the same line",
          "[report][ndjson_reader]") {
  const std::string line = line_of(krbtrail::test::full_incident());
  CHECK(line_of(std::get<model::Incident>(object_of(line))) == line);
}

TEST_CASE("coverage and summary that are read and written again are the same lines",
          "[report][ndjson_reader]") {
  const model::Coverage coverage = krbtrail::test::full_coverage();
  std::string line;
  report::append_coverage(line, coverage);
  std::string again;
  report::append_coverage(again, std::get<model::Coverage>(object_of(line)));
  CHECK(again == line);

  REQUIRE_FALSE(coverage.hosts.empty());
  for (const model::HostCoverage& host : coverage.hosts) {
    std::string host_line;
    report::append_host_coverage(host_line, host);
    std::string host_again;
    report::append_host_coverage(host_again, std::get<model::HostCoverage>(object_of(host_line)));
    CHECK(host_again == host_line);
  }

  std::string summary;
  report::append_summary(summary, coverage, krbtrail::test::full_summary(), true);
  const auto run = std::get<report::RunSummary>(object_of(summary));
  model::Coverage read = coverage;  // what a summary repeats of the coverage is not read from it
  read.inputs = run.inputs;
  std::string summary_again;
  report::append_summary(summary_again, read, run.summary, true);
  CHECK(summary_again == summary);
}

TEST_CASE("text comes back as the bytes of the evidence", "[report][ndjson_reader]") {
  for (const krbtrail::test::NastyString& nasty : krbtrail::test::kNastyStrings) {
    CAPTURE(nasty.attacks);
    model::Finding finding = krbtrail::test::theft();
    finding.file->path = nasty.bytes;
    const auto read = std::get<model::Finding>(object_of(line_of(finding)));
    CHECK(read.file->path == nasty.bytes);
  }
}

TEST_CASE("escapes are undone from left to right, and what is none stays", "[report][escape]") {
  const auto [text, bytes, why] =
      GENERATE(table<std::string_view, std::string_view, std::string_view>({
          {R"(a\xffb)",
           "a\xff"
           "b",
           "a byte"},
          {R"(a\\xffb)", R"(a\xffb)", "a backslash before letters"},
          {R"(\\\xff)", "\\\xff", "a backslash, then a byte"},
          {R"(\\)", R"(\)", "a backslash"},
          {R"(a\)", R"(a\)", "a lone one at the end is not ours and stays"},
          {R"(\xf)", R"(\xf)", "too short"},
          {R"(\xFF)", R"(\xFF)", "we write lower case"},
          {R"(\q)", R"(\q)", "no escape of ours"},
          {"", "", "nothing"},
      }));
  CAPTURE(text, why);
  CHECK(report::bytes_of_json(text) == bytes);
}

TEST_CASE("a line that is not what the schema says is refused, and told why",
          "[report][ndjson_reader]") {
  const std::string finding = line_of(krbtrail::test::theft());
  const std::string incident = line_of(krbtrail::test::full_incident());
  const std::string windows = line_of(krbtrail::test::full_windows_finding());
  CHECK(fault_of("type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e")
            .starts_with("is not valid JSON: "));
  CHECK(fault_of("").starts_with("is not valid JSON: "));
  CHECK(fault_of("[1]") == "is no JSON object");
  CHECK(fault_of("{}") == "'type' is missing");
  CHECK(fault_of(R"({"type":"finding"})") == "'schema' is not 1");
  CHECK(fault_of(replaced(finding, R"("schema":1)", R"("schema":2)")) == "'schema' is not 1");
  CHECK(fault_of(replaced(finding, R"("id":"4f3c2b1a09876543")", R"("id":"../etc/passwd")")) ==
        "'id' is no id of 16 hexadecimal digits");
  CHECK(fault_of(replaced(finding, R"("time":"2023)", R"("time":"then)")) == "'time' is no time");
  CHECK(fault_of(replaced(finding, R"("title":"A)", R"("title":7,"x":"A)")) ==
        "'title' is no text");
  CHECK(fault_of(replaced(finding, R"("uid":1000)", R"("uid":4294967296)")) ==
        "'uid' is no number that it can be");
  CHECK(fault_of(replaced(finding, R"("uid":1000)", R"("uid":-1)")) ==
        "'uid' is no number that it can be");
  CHECK(fault_of(replaced(finding, R"("rules":[)", R"("rules":{"a":1},"x":[)")) ==
        "'rules' is no array");
  CHECK(fault_of(replaced(finding, R"("severity":"medium")", R"("severity":"bad")")) ==
        "'severity' is no severity");
  CHECK(fault_of(replaced(finding, R"("rule_set":"seed")", R"("rule_set":"mine")")) ==
        "'rule_set' is no word of the schema");
  CHECK(fault_of(replaced(finding, R"("rule_set":"seed")", R"("rule_set":"windows")")) ==
        "'service' is missing");
  CHECK(fault_of(replaced(incident, R"("first":"2)", R"("last_":"2)")) == "'first' is missing");
  CHECK(fault_of(replaced(windows, R"("logon_id":"0x)", R"("logon_id":"0y)")) ==
        "'logon_id' is no hexadecimal number");
  CHECK(fault_of(replaced(windows, R"("span_seconds":)", R"("span_seconds":1e300,"x":)")) ==
        "'span_seconds' is no number that it can be");
}

TEST_CASE("what is newer than this reader is passed over", "[report][ndjson_reader]") {
  CHECK(std::get<report::UnknownObject>(object_of(R"({"type":"heartbeat","schema":1})")).type ==
        "heartbeat");
  const std::string finding = line_of(krbtrail::test::theft());
  const std::string newer =
      replaced(finding, R"("schema":1,)", R"("schema":1,"mood":{"deep":[]},)");
  CHECK(line_of(std::get<model::Finding>(object_of(newer))) == finding);
}

TEST_CASE("neither depth nor length of a line has power over the reader",
          "[report][ndjson_reader]") {
  const std::string deep = R"({"type":"x","schema":1,"a":)" + std::string(100'000, '[') +
                           std::string(100'000, ']') + "}";
  CHECK(fault_of(deep).starts_with("is not valid JSON: "));
  CHECK(fault_of(std::string(NdjsonReader::kLineLimit + 1, ' ')) ==
        "is longer than a line of NDJSON can be");
  const std::string long_text =
      R"({"type":"x","schema":1,"a":")" + std::string(NdjsonReader::kLineLimit - 100, 'a') + "\"}";
  CHECK(std::get<report::UnknownObject>(object_of(long_text)).type == "x");
}

}  // namespace
