// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/csv.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "report/samples.h"
#include "support/catch.h"
#include "support/collected.h"
#include "support/nasty_strings.h"
#include "support/temporary_tree.h"

namespace {

using krbtrail::model::Coverage;
using krbtrail::model::Finding;
using krbtrail::model::Status;
using krbtrail::model::Summary;
using krbtrail::report::make_csv_sink;
using krbtrail::report::SpillOptions;
using krbtrail::test::collect;
using krbtrail::test::Collected;
using krbtrail::test::theft;

using Row = std::vector<std::string>;

// RFC 4180, read strictly: rows end in CRLF, a quote within quotes is doubled.
std::vector<Row> parse(std::string_view text) {
  std::vector<Row> rows;
  Row row{""};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      row.back() += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (quoted || (c != ',' && c != '\r')) {
      row.back() += c;
    } else if (c == ',') {
      row.emplace_back();
    } else {
      REQUIRE(text.substr(i, 2) == "\r\n");
      ++i;
      rows.push_back(std::move(row));
      row = {""};
    }
  }
  REQUIRE(row == Row{""});
  return rows;
}

std::string rendered(const std::vector<Finding>& findings, const SpillOptions& spill = {}) {
  Collected out;
  const auto sink = make_csv_sink(collect(out), spill);
  for (const Finding& finding : findings)
    REQUIRE(sink->push(finding));
  REQUIRE(sink->close(Coverage{}, Summary{}));
  CHECK(out.finished);
  return out.bytes;
}

std::string cell(const std::vector<Row>& rows, std::size_t row, std::string_view column) {
  const auto at = std::ranges::find(rows.at(0), column);
  REQUIRE(at != rows.at(0).end());
  return rows.at(row).at(static_cast<std::size_t>(at - rows.at(0).begin()));
}

TEST_CASE("the query's nine columns come first, under its names", "[report][csv]") {
  const std::vector<Row> rows = parse(rendered({theft()}));
  REQUIRE(rows.size() == 3);  // header, finding, summary
  CHECK(Row(rows[0].begin(), rows[0].begin() + 9) ==
        Row{"Timestamp", "DeviceName", "AccountName", "AccessedPath", "ActionType",
            "TriggerProcess", "TriggerCommandLine", "ParentProcess", "DetectionType"});
  CHECK(Row(rows[1].begin(), rows[1].begin() + 9) ==
        Row{"2023-11-14T22:13:20.123Z", "web01", "alice", "/tmp/krb5cc_1001", "FileRead", "cp",
            "cp /tmp/krb5cc_1001 /tmp/.svc_cache_bak", "bash", "UnexpectedCcacheFileAccess"});
}

TEST_CASE("ours follow, each under the key that NDJSON has for it", "[report][csv]") {
  const std::vector<Row> rows = parse(rendered({krbtrail::test::full_linux_finding()}));
  const auto [column, expected] = GENERATE(table<std::string, std::string>({
      {"id", "4f3c2b1a09876543"},
      {"type", "finding"},
      {"rule", "seed-file-access"},
      {"rules", "seed-file-access; E02"},
      {"rule_set", "extended"},
      {"severity", "critical"},
      {"score", "95"},
      {"confidence", "high"},
      {"title", "A program that is no Kerberos client reached a ticket cache"},
      {"host", "web01"},
      {"uid", "1000"},
      {"auid", "1000"},
      {"pid", "4242"},
      {"exe", "/usr/bin/cp"},
      {"matched_name", "cp"},
      {"path_confidence", "absolute"},
      {"owner_uid", "1001"},
      {"device", "fd:01"},
      {"inode", "1234"},
      {"event", "1700000000.123:42"},
      {"input", "audit.log"},
      {"line", "17"},
      {"record_id", ""},
      {"audit_key", "kerberos_ccache,tickets"},
      {"suppressed_by", "nightly backup"},
      {"incident", "0123456789abcdef"},
      {"reasons",
       "/tmp/krb5cc_1001 lies under /tmp/ and its name is krb5cc_ and a number; cp is not one of "
       "the 15 programs that the rule lets pass; the ticket belongs to another user (+35)"},
  }));
  CAPTURE(column);
  CHECK(cell(rows, 1, column) == expected);
}

TEST_CASE("an account without a name is its uid", "[report][csv]") {
  Finding finding = theft();
  finding.account.name.reset();
  CHECK(cell(parse(rendered({finding})), 1, "AccountName") == "1000");
  finding.account.uid.reset();
  CHECK(cell(parse(rendered({finding})), 1, "AccountName").empty());
}

TEST_CASE("a negative score is a number, not a formula", "[report][csv]") {
  Finding finding = theft();
  finding.score = -15;
  CHECK(cell(parse(rendered({finding})), 1, "score") == "-15");
}

TEST_CASE("all rows have all columns, whatever the text", "[report][csv]") {
  for (const auto& nasty : krbtrail::test::kNastyStrings) {
    CAPTURE(nasty.attacks);
    Finding finding = theft();
    finding.process->command_line = nasty.bytes;
    finding.host = nasty.bytes;
    const std::vector<Row> rows = parse(rendered({finding}));
    REQUIRE(rows.size() == 3);
    for (const Row& row : rows)
      CHECK(row.size() == 36);
    const std::string text = cell(rows, 1, "TriggerCommandLine");
    CHECK(std::string_view{"=+-@"}.find(text.empty() ? ' ' : text.front()) ==
          std::string_view::npos);
  }
}

TEST_CASE("rows are sorted newest first, in memory and through a file alike", "[report][csv]") {
  std::vector<Finding> findings;
  for (int i = 0; i < 100; ++i) {
    Finding finding = theft();
    finding.time += std::chrono::seconds{i * 37 % 100};
    finding.id = std::to_string(i);
    findings.push_back(std::move(finding));
  }
  const std::string in_memory = rendered(findings);
  std::vector<std::string> times;
  for (const Row& row : parse(in_memory))
    times.push_back(row.front());
  times.erase(times.begin());  // the header
  times.pop_back();            // the summary
  CHECK(times.size() == 100);
  CHECK(std::ranges::is_sorted(times, std::ranges::greater{}));

  const krbtrail::test::TemporaryTree directory;
  CHECK(rendered(findings, {.directory = directory.path(), .max_entries = 3}) == in_memory);
  CHECK(rendered(findings, {.directory = directory.path(), .max_bytes = 1'000}) == in_memory);
  std::ranges::reverse(findings);  // the order of arrival makes no difference
  CHECK(rendered(findings) == in_memory);
}

TEST_CASE("what was not read or seen has rows of its own, the summary is the last",
          "[report][csv]") {
  Collected out;
  const auto sink = make_csv_sink(collect(out), {});
  REQUIRE(sink->push(krbtrail::test::full_incident()));
  REQUIRE(sink->close(krbtrail::test::full_coverage(), krbtrail::test::full_summary()));
  const std::vector<Row> rows = parse(out.bytes);
  REQUIRE(rows.size() == 7);
  const auto says = [&](std::size_t row) {
    return cell(rows, row, "type") + "|" + cell(rows, row, "host") + "|" + cell(rows, row, "title");
  };
  CHECK(says(1) ==
        "incident|web01|2023-11-14T22:13:20.123Z to 2023-11-14T22:14:20.000Z: The ticket of uid "
        "1001 was copied and used");
  CHECK(cell(rows, 1, "severity") == "critical");
  CHECK(says(2) ==
        "coverage|web01|no EXECVE records: branches 2 and 3 are blind (of 5,012 records none is "
        "an EXECVE)");
  CHECK(says(3) ==
        "coverage|web01|the clock jumped back once (by 3,600 s at 2023-11-14T22:13:40.000Z)");
  CHECK(says(4) == "coverage||audit.log.1: cannot open: Permission denied");
  CHECK(says(5) == "coverage||empty.log: is empty");
  CHECK(says(6).starts_with("summary||2 findings (1 critical, 1 medium); 4 hidden;"));
  CHECK(says(6).find("INCOMPLETE") != std::string::npos);
  for (std::size_t row = 1; row < rows.size(); ++row)
    CHECK(Row(rows[row].begin(), rows[row].begin() + 9) == Row(9));
}

TEST_CASE("a row that cannot be written fails the closing", "[report][csv]") {
  Collected out;
  const auto sink =
      make_csv_sink(std::make_unique<krbtrail::test::CollectingDelivery>(out, 600), {});
  REQUIRE(sink->push(theft()));
  REQUIRE(sink->push(theft()));
  const Status status = sink->close(Coverage{}, Summary{});
  REQUIRE_FALSE(status);
  CHECK(status.error().message == "out: cannot write: No space left on device");
  CHECK_FALSE(out.finished);
}

}  // namespace
