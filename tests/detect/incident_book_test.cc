// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/incident_book.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"

namespace krbtrail::detect {
namespace {

using model::Finding;
using model::Incident;
using model::Severity;
using std::chrono::seconds;

constexpr const char* kTicket = "/tmp/krb5cc_1000";

struct Book {
  std::vector<Incident> ended;
  IncidentBook book;

  explicit Book(IncidentBook::Limits limits = {})
      : book{limits, [this](Incident incident) { ended.push_back(std::move(incident)); }} {}

  [[nodiscard]] std::vector<std::string> tickets() const {
    std::vector<std::string> names;
    for (const Incident& incident : ended)
      names.push_back(incident.ticket);
    return names;
  }
};

struct What {
  std::int64_t second = 0;
  Severity severity = Severity::medium;
  std::optional<std::uint32_t> session = 7;
  std::uint32_t uid = 1001;
  std::string host = "web1";
  int score = 55;
};

Finding finding(const What& what = {}) {
  static int number = 0;
  ++number;
  Finding made;
  made.id = "f" + std::to_string(number);
  made.time = model::Timestamp{seconds{1'700'000'000 + what.second}};
  made.host = what.host;
  made.severity = what.severity;
  made.score = what.score;
  made.title = "scored " + std::to_string(what.score);
  made.account.session = what.session;
  made.account.uid = what.uid;
  made.evidence.push_back({.input = "audit.log",
                           .line = 1,
                           .event = "1700000000.000:" + std::to_string(number),
                           .node = "",
                           .record_id = {},
                           .offset = {},
                           .records = {}});
  return made;
}

IncidentPart about(std::string ticket) {
  IncidentPart part;
  part.ticket = std::move(ticket);
  part.owner = 1000;
  part.step = "cp read a ticket";
  part.confidence = "high";
  return part;
}

// The id of the incident that the finding went into.
std::string add(Book& book, const What& what, const IncidentPart& part) {
  Finding made = finding(what);
  book.book.add(made, part);
  return made.incident.value_or("");
}

TEST_CASE("the owner is known as soon as one finding knows him", "[detect][incident_book]") {
  Book book;
  IncidentPart argument = about(kTicket);
  argument.owner.reset();
  IncidentPart other = about("/tmp/another");
  other.owner = 1001;
  add(book, {.second = 0}, argument);  // "cp /tmp/krb5cc_1000 …" is started
  add(book, {.second = 1}, other);
  add(book, {.second = 2}, about(kTicket));
  book.book.finish();
  REQUIRE(book.ended.size() == 2);
  CHECK(book.ended[1].ticket == kTicket);
  CHECK(book.ended[1].owner_uid == 1000);
}

TEST_CASE("findings of one session about one ticket are one incident", "[detect][incident_book]") {
  Book book;
  Finding first = finding({.second = 0, .severity = Severity::low, .score = 25});
  Finding second = finding({.second = 5, .severity = Severity::high, .score = 75});
  book.book.add(first, about(kTicket));
  book.book.add(second, about(kTicket));
  CHECK(book.ended.empty());
  book.book.finish();
  REQUIRE(book.ended.size() == 1);
  const Incident& incident = book.ended[0];
  CHECK_FALSE(incident.id.empty());
  CHECK(first.incident == incident.id);
  CHECK(second.incident == incident.id);
  CHECK(incident.host == "web1");
  CHECK(incident.ticket == kTicket);
  CHECK(incident.owner_uid == 1000);
  CHECK(incident.first == first.time);
  CHECK(incident.last == second.time);
  CHECK(incident.severity == Severity::high);
  CHECK(incident.title == "scored 75");
  CHECK(incident.findings == std::vector<std::string>{first.id, second.id});
  REQUIRE(incident.timeline.size() == 2);
  CHECK(incident.timeline[0].time == first.time);
  CHECK(incident.timeline[0].text == "cp read a ticket");
  CHECK(incident.timeline[0].confidence == "high");
  CHECK(incident.timeline[0].event == first.evidence[0].event);
}

TEST_CASE("another ticket, session or host is another incident", "[detect][incident_book]") {
  const auto [what, ticket, same] = GENERATE(table<What, std::string, bool>({
      {What{}, kTicket, true},
      {What{}, "/tmp/krb5cc_1001", false},
      {What{.session = 8}, kTicket, false},
      {What{.host = "web2"}, kTicket, false},
      {What{.uid = 0}, kTicket, true},  // sudo: the session stays
      {What{.session = std::nullopt, .uid = 1001}, kTicket, false},
  }));
  CAPTURE(ticket);
  Book book;
  const std::string first = add(book, {}, about(kTicket));
  CHECK((add(book, what, about(ticket)) == first) == same);
}

TEST_CASE("without a login session the acting uid is the session", "[detect][incident_book]") {
  Book book;
  const std::string first = add(book, {.session = std::nullopt, .uid = 33}, about(kTicket));
  CHECK(add(book, {.session = std::nullopt, .uid = 33}, about(kTicket)) == first);
  CHECK(add(book, {.session = std::nullopt, .uid = 34}, about(kTicket)) != first);
}

TEST_CASE("a finding without a ticket joins the session's latest open incident",
          "[detect][incident_book]") {
  Book book;
  const std::string older = add(book, {.second = 0}, about(kTicket));
  const std::string newer = add(book, {.second = 1}, about("/tmp/krb5cc_1001"));
  CHECK(add(book, {.second = 2}, about("")) == newer);
  CHECK(add(book, {.second = 3}, about(kTicket)) == older);
  CHECK(add(book, {.second = 4}, about("")) == older);
  CHECK(add(book, {.second = 5, .session = 8}, about("")) != older);
}

TEST_CASE("an incident without a ticket is taken over by the session's next ticket",
          "[detect][incident_book]") {
  Book book;
  const std::string opened = add(book, {.second = 0}, about(""));
  CHECK(add(book, {.second = 1}, about("")) == opened);
  CHECK(add(book, {.second = 2}, about(kTicket)) == opened);
  CHECK(add(book, {.second = 3}, about("/tmp/krb5cc_1001")) != opened);
  book.book.finish();
  REQUIRE(book.ended.size() == 2);
  CHECK(book.ended[0].ticket == kTicket);
  CHECK(book.ended[0].owner_uid == 1000);
  CHECK(book.ended[0].findings.size() == 3);
}

TEST_CASE("an incident ends when 600 s pass without a finding of it", "[detect][incident_book]") {
  const auto [pause, same] = GENERATE(table<std::int64_t, bool>({{600, true}, {601, false}}));
  CAPTURE(pause);
  Book book;
  const std::string first = add(book, {.second = 0}, about(kTicket));
  CHECK(add(book, {.second = 500}, about(kTicket)) == first);
  CHECK((add(book, {.second = 500 + pause}, about(kTicket)) == first) == same);
  CHECK(book.ended.size() == (same ? 0 : 1));
}

TEST_CASE("what has ended leaves before the finding that tells it counts",
          "[detect][incident_book]") {
  Book book;
  add(book, {.second = 0}, about("/tmp/krb5cc_1"));
  add(book, {.second = 10}, about("/tmp/krb5cc_2"));
  add(book, {.second = 605, .host = "web2"}, about("/tmp/krb5cc_3"));
  CHECK(book.tickets() == std::vector<std::string>{"/tmp/krb5cc_1"});
}

TEST_CASE("a finding of severity info joins an incident and opens none",
          "[detect][incident_book]") {
  Book book;
  CHECK(add(book, {.severity = Severity::info}, about(kTicket)).empty());
  book.book.finish();
  CHECK(book.ended.empty());
  const std::string opened = add(book, {.severity = Severity::low}, about(kTicket));
  CHECK(add(book, {.severity = Severity::info}, about(kTicket)) == opened);
  book.book.finish();
  REQUIRE(book.ended.size() == 1);
  CHECK(book.ended[0].severity == Severity::low);
  CHECK(book.ended[0].findings.size() == 2);
}

TEST_CASE("at the end all leave in the order of their last finding", "[detect][incident_book]") {
  Book book;
  add(book, {.second = 0}, about("/tmp/krb5cc_1"));
  add(book, {.second = 1}, about("/tmp/krb5cc_2"));
  add(book, {.second = 2}, about("/tmp/krb5cc_3"));
  add(book, {.second = 3}, about("/tmp/krb5cc_1"));
  book.book.finish();
  CHECK(book.tickets() ==
        std::vector<std::string>{"/tmp/krb5cc_2", "/tmp/krb5cc_3", "/tmp/krb5cc_1"});
  book.book.finish();
  CHECK(book.ended.size() == 3);
}

TEST_CASE("of too many open incidents the one longest without a finding ends",
          "[detect][incident_book]") {
  Book book{{.open = 3}};
  for (const char* ticket : {"/tmp/krb5cc_1", "/tmp/krb5cc_2", "/tmp/krb5cc_3", "/tmp/krb5cc_1"})
    add(book, {}, about(ticket));
  CHECK(book.ended.empty());
  add(book, {}, about("/tmp/krb5cc_4"));
  CHECK(book.tickets() == std::vector<std::string>{"/tmp/krb5cc_2"});
}

TEST_CASE("256 incidents are open at most", "[detect][incident_book]") {
  Book book;
  for (int i = 0; i < 300; ++i)
    add(book, {}, about("/tmp/krb5cc_" + std::to_string(i)));
  CHECK(book.ended.size() == 300 - 256);
  book.book.finish();
  CHECK(book.ended.size() == 300);
}

TEST_CASE("an incident lists 256 steps and findings, and says how many more there were",
          "[detect][incident_book]") {
  Book book;
  const std::string id = add(book, {}, about(kTicket));
  for (int i = 1; i < 300; ++i)
    CHECK(add(book, {}, about(kTicket)) == id);
  book.book.finish();
  REQUIRE(book.ended.size() == 1);
  CHECK(book.ended[0].timeline.size() == 256);
  CHECK(book.ended[0].findings.size() == 256);
  CHECK(std::ranges::count(book.ended[0].not_visible, "44 more steps are not listed here") == 1);
}

TEST_CASE("copies, their users and contacts are listed once, 32 of each at most",
          "[detect][incident_book]") {
  Book book;
  for (int i = 0; i < 80; ++i) {
    IncidentPart part = about(kTicket);
    const std::string number = std::to_string(i / 2);
    part.copy = "/tmp/copy" + number;
    part.user = "klist of root " + number;
    part.contact = i < 64 ? "192.0.2." + number : "";
    add(book, {}, part);
  }
  add(book, {}, about(kTicket));
  book.book.finish();
  REQUIRE(book.ended.size() == 1);
  for (const auto* names : {&book.ended[0].copies, &book.ended[0].used_by, &book.ended[0].contacts})
    CHECK(names->size() == 32);
  CHECK(book.ended[0].copies.front() == "/tmp/copy0");
  CHECK(book.ended[0].copies.back() == "/tmp/copy31");
  // Copies and users 32 to 39, twice each; no address was left out.
  CHECK(book.ended[0].not_visible ==
        std::vector<std::string>{"findings that name a copy not listed here: 16",
                                 "findings that name a user of a copy not listed here: 16"});
}

TEST_CASE("incidents about one ticket know each other", "[detect][incident_book]") {
  Book book;
  SECTION("while both are open") {
    const std::string first = add(book, {.session = 7}, about(kTicket));
    const std::string second = add(book, {.session = 8}, about(kTicket));
    const std::string elsewhere = add(book, {.session = 7, .host = "web2"}, about(kTicket));
    book.book.finish();
    REQUIRE(book.ended.size() == 3);
    CHECK(book.ended[0].linked == std::vector<std::string>{second});
    CHECK(book.ended[1].linked == std::vector<std::string>{first});
    CHECK(book.ended[2].linked.empty());  // another host's file of the same name
    CHECK(book.ended[2].id == elsewhere);
  }
  SECTION("when one has ended") {
    const std::string first = add(book, {.second = 0}, about(kTicket));
    const std::string second = add(book, {.second = 10'000}, about(kTicket));
    CHECK(first != second);
    book.book.finish();
    REQUIRE(book.ended.size() == 2);
    CHECK(book.ended[1].linked == std::vector<std::string>{first});
  }
}

TEST_CASE("where a read ticket went is said to be unknown if nothing shows it",
          "[detect][incident_book]") {
  const std::string unknown =
      "no file that the readers wrote is on record: where the ticket went is not known";
  const auto [copy, contact, said] = GENERATE(table<std::string, std::string, bool>({
      {"", "", true},
      {"/tmp/copy", "", false},
      {"", "192.0.2.1", false},
  }));
  Book book;
  IncidentPart part = about(kTicket);
  part.reads = true;
  part.copy = copy;
  part.contact = contact;
  add(book, {}, part);
  book.book.finish();
  REQUIRE(book.ended.size() == 1);
  CHECK((std::ranges::count(book.ended[0].not_visible, unknown) == 1) == said);
}

TEST_CASE("a text of an incident is cut at 1,024 bytes", "[detect][incident_book]") {
  Book book;
  IncidentPart part = about("/tmp/" + std::string(5'000, 't'));
  part.step = std::string(5'000, 's');
  part.copy = std::string(5'000, 'c');
  part.user = std::string(5'000, 'u');
  add(book, {}, part);
  book.book.finish();
  REQUIRE(book.ended.size() == 1);
  const Incident& incident = book.ended[0];
  for (const std::string& text : {incident.ticket, incident.timeline.at(0).text,
                                  incident.copies.at(0), incident.used_by.at(0)})
    CHECK(text.size() == 1'024);
}

TEST_CASE("the last incident of 1,024 tickets is remembered", "[detect][incident_book]") {
  Book book;
  std::vector<std::string> ids;
  for (int i = 0; i < 1'030; ++i)
    ids.push_back(add(book, {.second = i}, about("/tmp/krb5cc_" + std::to_string(i))));
  add(book, {.second = 100'000}, about("/tmp/krb5cc_5"));  // the sixth to have ended: forgotten
  add(book, {.second = 100'000}, about("/tmp/krb5cc_1029"));
  book.book.finish();
  REQUIRE(book.ended.size() == 1'032);
  CHECK(book.ended[1'030].linked.empty());
  CHECK(book.ended[1'031].linked == std::vector<std::string>{ids[1'029]});
}

}  // namespace
}  // namespace krbtrail::detect
