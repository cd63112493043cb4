// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/html.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/report/escape.h"
#include "report/samples.h"
#include "support/catch.h"
#include "support/collected.h"
#include "support/nasty_strings.h"

namespace {

using krbtrail::model::Coverage;
using krbtrail::model::Finding;
using krbtrail::model::Incident;
using krbtrail::model::Severity;
using krbtrail::model::Summary;
using krbtrail::report::HtmlOptions;
using krbtrail::report::make_html_sink;
using krbtrail::test::collect;
using krbtrail::test::Collected;

std::string rendered(const std::vector<Finding>& findings, const std::vector<Incident>& incidents,
                     const HtmlOptions& options = {}, Coverage coverage = {},
                     const Summary& summary = {}) {
  Collected out;
  const auto sink = make_html_sink(collect(out), options);
  for (const Finding& finding : findings)
    REQUIRE(sink->push(finding));
  for (const Incident& incident : incidents)
    REQUIRE(sink->push(incident));
  REQUIRE(sink->close(coverage, summary));
  CHECK(out.finished);
  return out.bytes;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size()))
    ++found;
  return found;
}

Finding finding_of(const std::string& incident, const std::string& id) {
  Finding finding = krbtrail::test::theft();
  finding.id = id;
  finding.incident = incident;
  return finding;
}

Incident incident(const std::string& id, Severity severity) {
  Incident made;
  made.id = id;
  made.title = "story " + id;
  made.severity = severity;
  made.ticket = "/tmp/krb5cc_1001";
  return made;
}

TEST_CASE("the page forbids scripts and the network to itself", "[report][html]") {
  const std::string page =
      rendered({krbtrail::test::full_linux_finding()}, {krbtrail::test::full_incident()});
  CHECK(
      page.starts_with("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                       "'none'; style-src 'sha256-"));
  CHECK(page.ends_with("</body></html>\n"));
  for (const std::string_view forbidden :
       {"<script", "javascript:", "http://", "https://", "url(", "@import", " src=", " style="})
    CHECK(!contains(page, forbidden));
}

TEST_CASE("the page says who took what with what, where it went and who used it",
          "[report][html]") {
  Finding copied = finding_of("1111111111111111", "aaaaaaaaaaaaaaaa");
  copied.file = {.path = "/tmp/.svc_cache_bak",
                 .old_path = {},
                 .action = "created",
                 .path_confidence = "absolute",
                 .owner_uid = 1000,
                 .device = "fd:01",
                 .inode = 99};
  copied.trail = {krbtrail::test::full_linux_finding().trail.front()};
  Incident story = incident("1111111111111111", Severity::critical);
  story.host = "web01";
  story.actor = copied.account;
  story.owner_uid = 1001;
  story.copies = {"/tmp/.svc_cache_bak"};
  story.used_by = {"klist, uid 0"};
  story.not_visible = {"the start of some of the processes is not on record"};
  const std::string page = rendered({copied}, {story});
  for (const std::string_view answer :
       {"<dt>Who</dt><dd>alice (uid 1000), logged in as uid 1000, session 3</dd>",
        "<dt>Took what</dt><dd><code>/tmp/krb5cc_1001</code></dd>",
        "<dt>Belonging to</dt><dd>the ticket of uid 1001</dd>",
        "<dt>With what</dt><dd><code>cp</code></dd>",
        "<dt>Copied to</dt><dd><ul><li><code>/tmp/.svc_cache_bak</code></li></ul></dd>",
        "<dt>Used by</dt><dd><ul><li><code>klist, uid 0</code></li></ul></dd>",
        "<dt>How sure</dt><dd>no grade in 1 finding</dd>",
        "<dt>Not visible</dt><dd><ul><li>the start of some of the processes is not on record"})
    CHECK(contains(page, answer));
  // In the graph: the ticket, cp, the copy; read and created between them.
  CHECK(contains(page, "<g class=\"node ticket\">"));
  CHECK(contains(page, "<g class=\"node process\"><title>pid 4242, uid 1000: cp</title>"));
  CHECK(contains(page, "<g class=\"node copy\">"));
  CHECK(contains(page, "/tmp/krb5cc_1001 \u2192 cp: read 22:13:20.123 (high confidence)"));
  CHECK(contains(page, "cp \u2192 /tmp/.svc_cache_bak: created 22:13:20.123</title>"));
}

TEST_CASE("findings stand below their incident, the most severe incident first", "[report][html]") {
  // The first is of the milder incident, and none of them is next to it in the stream.
  const std::string page =
      rendered({finding_of("1111111111111111", "aaaaaaaaaaaaaaaa"),
                finding_of("2222222222222222", "bbbbbbbbbbbbbbbb"),
                finding_of("1111111111111111", "cccccccccccccccc"), krbtrail::test::theft()},
               {incident("1111111111111111", Severity::medium),
                incident("2222222222222222", Severity::critical)});
  std::vector<std::size_t> places;
  for (const char* id : {"id=\"i-2222", "id=\"f-bbbb", "id=\"i-1111", "id=\"f-aaaa", "id=\"f-cccc",
                         "<h2>Findings of no incident", "id=\"f-4f3c2b1a09876543"})
    places.push_back(page.find(id));
  CHECK(std::ranges::is_sorted(places));
  CHECK(places.back() != std::string::npos);
}

TEST_CASE("a finding whose incident is not told is shown by itself", "[report][html]") {
  const std::string page = rendered({finding_of("1111111111111111", "aaaaaaaaaaaaaaaa")}, {});
  CHECK(contains(page, "<h2>Findings of no incident"));
  CHECK(contains(page, "id=\"f-aaaaaaaaaaaaaaaa\""));
}

TEST_CASE("what is not shown is counted", "[report][html]") {
  SECTION("findings of an incident beyond 50") {
    std::vector<Finding> findings;
    for (int i = 0; i < 60; ++i)
      findings.push_back(finding_of("1111111111111111", "f" + std::to_string(i)));
    const std::string page = rendered(findings, {incident("1111111111111111", Severity::high)});
    CHECK(count(page, "<details class=\"finding\"") == 50);
    CHECK(contains(page, "10 more findings of this incident, all in the NDJSON output."));
  }
  SECTION("incidents beyond 200") {
    std::vector<Incident> incidents;
    for (int i = 0; i < 205; ++i)
      incidents.push_back(incident("i" + std::to_string(i), Severity::high));
    Summary summary;
    summary.incidents = 205;
    const std::string page = rendered({}, incidents, {}, {}, summary);
    CHECK(count(page, "<article") == 200);
    CHECK(contains(page, "Not shown here: 5 more; all are in the NDJSON output."));
    CHECK(contains(page, "The most severe of 205 incidents; all are in the NDJSON output."));
  }
  SECTION("findings of no incident beyond 1,000") {
    const std::string page = rendered(std::vector<Finding>(1'003, krbtrail::test::theft()), {});
    CHECK(count(page, "<details class=\"finding\"") == 1'000);
    CHECK(contains(page, "Not shown here: 3 more; all are in the NDJSON output."));
  }
  SECTION("the picture of the least severe incident beyond 256 that are open") {
    std::vector<Finding> findings;
    for (int i = 0; i < 257; ++i) {
      findings.push_back(finding_of("i" + std::to_string(i), "f"));
      findings.back().severity = i == 1 ? Severity::low : Severity::high;
    }
    const std::string page =
        rendered(findings, {incident("i0", Severity::high), incident("i1", Severity::low),
                            incident("i256", Severity::high)});
    CHECK(count(page, "Drawn without its findings") == 1);
    CHECK(page.find("Drawn without its findings") > page.find("id=\"i-i1\""));
  }
}

// Outside of tags only what append_html() lets through may stand, so no more tags than without.
TEST_CASE("no text of the evidence becomes markup", "[report][html]") {
  const auto page_with = [](std::string_view bytes) {
    const std::string text{bytes};
    Finding finding = krbtrail::test::full_linux_finding();
    finding.incident = "1111111111111111";
    for (std::string* field :
         {&finding.host, &finding.title, &finding.process->name, &finding.process->command_line,
          &finding.process->exe, &finding.file->path, &finding.file->old_path,
          &finding.contact->address, &finding.matched_name, &finding.detection_type,
          &finding.confidence})
      *field = text;
    finding.account.name = text;
    finding.reasons = {{.text = text, .points = {}}};
    finding.audit_keys = {text};
    finding.suppressed_by = text;
    finding.evidence.front().input = text;
    finding.evidence.front().records = {text};
    finding.trail.front().path = text;
    finding.trail.front().process = text;
    Finding windows = krbtrail::test::full_windows_finding();
    windows.windows->service.name = text;
    windows.windows->service.file_name = text;
    windows.windows->logon->target_user_name = text;
    windows.windows->session.front().summary = text;
    windows.predicates.front().value = text;
    Incident story = krbtrail::test::full_incident();
    story.id = "1111111111111111";
    for (std::string* field : {&story.host, &story.title, &story.ticket})
      *field = text;
    for (auto* list :
         {&story.copies, &story.used_by, &story.contacts, &story.not_visible, &story.linked})
      *list = {text};
    story.timeline.front().text = text;
    Coverage coverage = krbtrail::test::full_coverage();
    coverage.hosts.front().host = text;
    coverage.inputs.front().name = text;
    coverage.notes = {text};
    return rendered({finding, windows}, {story}, {.stats = true, .zone = {}, .spill = {}}, coverage,
                    krbtrail::test::full_summary());
  };
  const std::string harmless = page_with("harmless");
  for (const auto& nasty : krbtrail::test::kNastyStrings) {
    CAPTURE(nasty.attacks);
    if (nasty.bytes.empty())
      continue;  // an empty text leaves its row out
    const std::string page = page_with(nasty.bytes);
    for (const char mark : {'<', '>', '"', '\''})
      CHECK(std::ranges::count(page, mark) == std::ranges::count(harmless, mark));
    CHECK(std::ranges::none_of(
        page, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }));
    CHECK(!contains(page, "\x7f"));
    CHECK(std::ranges::count(page, '\n') == std::ranges::count(harmless, '\n'));
  }
}

TEST_CASE("a text of a megabyte is cut in the middle, and says how much", "[report][html]") {
  Finding finding = krbtrail::test::theft();
  finding.process->command_line = std::string(1'000'000, 'A') + "the end";
  const std::string page = rendered({finding}, {});
  CHECK(page.size() < 40'000);
  CHECK(contains(page, " bytes left out ...] AAA"));
  CHECK(contains(page, "the end</code>"));
}

TEST_CASE("times are shown in the zone that was asked for, and kept in UTC for machines",
          "[report][html]") {
  const std::string page =
      rendered({krbtrail::test::theft()}, {},
               {.stats = false, .zone = std::chrono::minutes{60}, .spill = {}});
  CHECK(
      contains(page, "<time datetime=\"2023-11-14T22:13:20.123Z\">2023-11-14T23:13:20.123+01:00"));
}

TEST_CASE("what cannot be seen is part of the page", "[report][html]") {
  const Coverage coverage = krbtrail::test::full_coverage();
  const std::string page = rendered({}, {}, {}, coverage);
  CHECK(contains(page, "<b>INCOMPLETE</b>: not everything was evaluated."));
  CHECK(contains(page, "<h1>No finding in what could be read</h1>"));
  for (const auto& host : coverage.hosts) {
    for (const auto& statement : host.statements) {
      std::string text;
      krbtrail::report::append_html(text, statement.text);
      CHECK(contains(page, text));
    }
  }
}

TEST_CASE("what spills to disk changes no byte of the page", "[report][html]") {
  std::vector<Finding> findings;
  std::vector<Incident> incidents;
  for (int i = 0; i < 40; ++i) {
    const std::string id = "i" + std::to_string(i % 7);
    findings.push_back(finding_of(id, "f" + std::to_string(i)));
    if (i < 7)
      incidents.push_back(incident(id, i % 2 == 0 ? Severity::high : Severity::low));
  }
  const std::string whole = rendered(findings, incidents);
  CHECK(rendered(findings, incidents,
                 {.stats = false,
                  .zone = {},
                  .spill = {.directory = "/tmp", .max_entries = 3, .max_bytes = 4'096}}) == whole);
}

}  // namespace
