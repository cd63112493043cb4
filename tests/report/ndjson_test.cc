// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/ndjson.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "report/reading_back.h"
#include "report/samples.h"
#include "support/catch.h"
#include "support/collected.h"
#include "support/nasty_strings.h"

namespace {

using krbtrail::model::Coverage;
using krbtrail::model::Finding;
using krbtrail::model::Incident;
using krbtrail::model::Status;
using krbtrail::model::Summary;
using krbtrail::report::make_ndjson_sink;
using krbtrail::report::NdjsonOptions;
using krbtrail::test::collect;
using krbtrail::test::Collected;
using krbtrail::test::theft;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  return lines;
}

std::string rendered(const Finding& finding) {
  Collected out;
  const auto sink = make_ndjson_sink(collect(out), {});
  REQUIRE(sink->push(finding));
  return out.bytes;
}

TEST_CASE("a finding is one line with the keys of the specification in their order",
          "[report][ndjson]") {
  CHECK(rendered(theft()) ==
        R"({"type":"finding","schema":1,"id":"4f3c2b1a09876543","time":"2023-11-14T22:13:20.123Z",)"
        R"("rule":"seed-file-access","rules":["seed-file-access"],"rule_set":"seed",)"
        R"("detection_type":"UnexpectedCcacheFileAccess",)"
        R"("title":"A program that is no Kerberos client reached a ticket cache",)"
        R"("severity":"medium","score":null,"attack":["T1558.005"],"host":"web01",)"
        R"("account":{"name":"alice","uid":1000,"auid":1000,"euid":1000,"fsuid":1000,"session":3},)"
        R"("process":{"pid":4242,"name":"cp","exe":"/usr/bin/cp",)"
        R"("command_line":"cp /tmp/krb5cc_1001 /tmp/.svc_cache_bak",)"
        R"("command_line_source":"execve","source":"exec",)"
        R"("parent":{"pid":4200,"name":"bash","exe":"/usr/bin/bash","command_line":"-bash",)"
        R"("command_line_source":"execve","source":"exec"},)"
        R"("ancestry":[{"pid":4200,"name":"bash","exe":"/usr/bin/bash","command_line":"-bash",)"
        R"("command_line_source":"execve","source":"exec"},)"
        R"({"pid":4100,"name":"sshd","exe":"/usr/bin/sshd","command_line":"sshd: alice@pts/0",)"
        R"("command_line_source":"execve","source":"exec"}]},)"
        R"("action_type":"FileRead",)"
        R"("file":{"path":"/tmp/krb5cc_1001","action":"read","owner_uid":1001,"device":"fd:01",)"
        R"("inode":1234,"path_confidence":"absolute"},)"
        R"("reasons":[{"text":"/tmp/krb5cc_1001 lies under /tmp/ and its name is krb5cc_ and a )"
        R"(number","points":null},)"
        R"({"text":"cp is not one of the 15 programs that the rule lets pass","points":null}],)"
        R"("audit_key":"kerberos_ccache",)"
        R"("evidence":[{"input":"audit.log","line":17,"event":"1700000000.123:42",)"
        R"("node":"web01"}]})"
        "\n");
}

TEST_CASE("what a finding does not have is absent, an unset number is null", "[report][ndjson]") {
  Finding finding;
  finding.id = "0000000000000000";
  CHECK(rendered(finding) ==
        R"({"type":"finding","schema":1,"id":"0000000000000000",)"
        R"("time":"1970-01-01T00:00:00.000Z","rule":"","rules":[],"rule_set":"seed","title":"",)"
        R"("severity":"medium","score":null,"attack":[],"host":"",)"
        R"("account":{"uid":null,"auid":null,"euid":null,"fsuid":null,"session":null},)"
        R"("reasons":[],"evidence":[]})"
        "\n");
}

TEST_CASE("findings leave in the order of completion, the summary is the last line",
          "[report][ndjson]") {
  Collected out;
  const auto sink = make_ndjson_sink(collect(out), {});
  Finding older = theft();
  older.id = "1111111111111111";
  older.time -= std::chrono::hours{1};
  Incident incident;
  incident.id = "2222222222222222";
  REQUIRE(sink->push(theft()));
  REQUIRE(sink->push(incident));
  REQUIRE(sink->push(older));
  CHECK_FALSE(out.finished);
  REQUIRE(sink->close(krbtrail::test::full_coverage(), Summary{}));
  CHECK(out.finished);
  const std::vector<std::string> lines = lines_of(out.bytes);
  REQUIRE(lines.size() == 6);
  const auto starts = [&](std::size_t line, const std::string& with) {
    CAPTURE(lines[line]);
    return lines[line].starts_with(with);
  };
  CHECK(starts(0, R"({"type":"finding","schema":1,"id":"4f3c2b1a09876543")"));
  CHECK(starts(1, R"({"type":"incident","schema":1,"id":"2222222222222222")"));
  CHECK(starts(2, R"({"type":"finding","schema":1,"id":"1111111111111111")"));
  CHECK(starts(3, R"({"type":"coverage","schema":1,"host":"web01")"));
  CHECK(starts(4, R"({"type":"coverage","schema":1,"bytes_read":1234567)"));
  CHECK(starts(5, R"({"type":"summary","schema":1)"));
}

TEST_CASE("a run without findings still says what it read", "[report][ndjson]") {
  Collected out;
  const auto sink = make_ndjson_sink(collect(out), {});
  Summary summary;
  summary.rule_set = "seed";
  summary.version = "0.1.0";
  summary.sandbox = {"Landlock: paths restricted"};
  REQUIRE(sink->close(Coverage{}, summary));
  const std::vector<std::string> lines = lines_of(out.bytes);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1] ==
        R"({"type":"summary","schema":1,"version":"0.1.0","rule_set":"seed","incomplete":false,)"
        R"("findings":0,"findings_by_severity":{"info":0,"low":0,"medium":0,"high":0,)"
        R"("critical":0},"hidden":0,"suppressed":0,"filtered":0,"near_misses":0,)"
        R"("indeterminate":0,"incidents":0,"hosts":0,)"
        R"("bytes":{"read":0,"used":0,"not_needed":0,"rejected":0},"events":0,"records":0,)"
        R"("inputs":[]})");  // and no sandbox, which differs between kernels, without --stats
}

TEST_CASE("several audit keys are joined by commas", "[report][ndjson]") {
  Finding finding = theft();
  finding.audit_keys = {"a", "b"};
  CHECK(rendered(finding).find(R"("audit_key":"a,b")") != std::string::npos);
}

TEST_CASE("a finding of Windows has a computer and no account", "[report][ndjson]") {
  const std::string line = rendered(krbtrail::test::full_windows_finding());
  CHECK(line.starts_with(R"({"type":"near_miss",)"));
  CHECK(line.find(R"("account":{)") == std::string::npos);
  CHECK(line.find(R"("computer":"PC01.corp.example","variant":"v214","span_seconds":0.854,)") !=
        std::string::npos);
  CHECK(line.find(R"("logon_id":"0x8a38de")") != std::string::npos);
  CHECK(line.find(R"({"name":"ProcessId","held":null,"value":"","wanted":"0"})") !=
        std::string::npos);
  CHECK(line.find(R"("record_id":72745,"offset":4096,"recovered":true,)") != std::string::npos);
}

TEST_CASE("hostile text stays within its string and can be read back", "[report][ndjson]") {
  for (const auto& nasty : krbtrail::test::kNastyStrings) {
    CAPTURE(nasty.attacks);
    Finding finding = theft();
    finding.host = nasty.bytes;
    const std::string line = rendered(finding);
    CHECK(std::ranges::count(line, '\n') == 1);
    const std::string before = R"("host":")";
    const std::size_t start = line.find(before) + before.size();
    const std::size_t end = line.find(R"(","account":)", start);
    REQUIRE(end != std::string::npos);
    const std::string inside = line.substr(start, end - start);
    CHECK(krbtrail::test::from_hex_escapes(krbtrail::test::from_json_string(inside)) ==
          nasty.bytes);
  }
}

TEST_CASE("a stream can hand on every object at once", "[report][ndjson]") {
  const auto [flush_each, flushes] = GENERATE(table<bool, std::size_t>({{false, 0}, {true, 2}}));
  Collected out;
  const auto sink = make_ndjson_sink(collect(out), {.stats = false, .flush_each = flush_each});
  REQUIRE(sink->push(theft()));
  REQUIRE(sink->push(theft()));
  CHECK(out.flushes == flushes);
}

TEST_CASE("an output that takes no more is an error at once", "[report][ndjson]") {
  Collected out;
  const auto sink =
      make_ndjson_sink(std::make_unique<krbtrail::test::CollectingDelivery>(out, 100), {});
  const Status status = sink->push(theft());
  REQUIRE_FALSE(status);
  CHECK(status.error().message == "out: cannot write: No space left on device");
}

}  // namespace
