// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/windows_sequence.h"

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "detect/windows_events.h"
#include "support/catch.h"

namespace krbtrail::detect {
namespace {

using model::Verdict;

constexpr std::int64_t kSecond = 10'000'000;

// A stream as a line of text: "A@0" is a logon that satisfies the first leg, "F@0" one that fails
// it twice, "N@0" one that fails it once, "U@0" one of which a field is unknown, "B@1" a service;
// "@" is followed by the second, and "/2" names another session than 1.
struct Stream {
  std::vector<ComputerName> computers = {{"PC01.corp.example"}, {"pc01"}, {"PC02.corp.example"}};
  std::vector<SequenceEvent> logons;
  std::vector<SequenceEvent> services;
};

SequenceEvent event(char kind, std::int64_t ticks, std::uint64_t record_id, std::uint64_t session,
                    ComputerId computer = {}) {
  SequenceEvent made;
  made.place.time = windows::EventTime{.earliest = test::windows_time(ticks)};
  made.place.record_id = record_id;
  made.place.position = record_id;
  made.place.order = windows::FileOrder::oldest_first;
  made.computer = computer;
  made.logon_id = session;
  made.reference = record_id;
  if (kind == 'F' || kind == 'N')
    made.conditions.set(Condition::source_address, false);
  if (kind == 'F')
    made.conditions.set(Condition::logon_type, false);
  if (kind == 'U')
    made.conditions.set(Condition::elevated_token, std::nullopt);
  return made;
}

Stream stream(const std::string& line) {
  Stream made;
  std::uint64_t record_id = 0;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t end = std::min(line.find(' ', i), line.size());
    const std::string word = line.substr(i, end - i);
    i = end + 1;
    const std::size_t slash = word.find('/');
    const std::uint64_t session =
        slash == std::string::npos ? 1 : std::stoull(word.substr(slash + 1));
    const std::int64_t ticks = std::stoll(word.substr(2)) * kSecond;
    const SequenceEvent one = event(word[0], ticks, ++record_id, session);
    (word[0] == 'B' ? made.services : made.logons).push_back(one);
  }
  return made;
}

std::vector<SequenceMatch> matches(const Stream& made, RuleVariant variant = RuleVariant::v214) {
  return match_sequences(variant, made.computers, made.logons, made.services);
}

std::string in_words(const std::vector<SequenceMatch>& found, const Stream& made) {
  std::string words;
  for (const SequenceMatch& match : found) {
    words += words.empty() ? "" : ", ";
    words += std::string{to_string(match.verdict)} + " " +
             std::to_string(made.logons[match.logon].reference) + "-" +
             std::to_string(made.services[match.service].reference);
    for (const std::size_t service : match.additional)
      words += "+" + std::to_string(made.services[service].reference);
  }
  return words;
}

}  // namespace

TEST_CASE("the sequence has Elasticsearch's meaning", "[detect][windows_sequence]") {
  const auto [line, expected, reason] = GENERATE(table<std::string, std::string, std::string>({
      {"A@0 B@1", "finding 1-2", "the sequence"},
      {"A@0 B@1 B@2 B@3", "finding 1-2+3+4", "the first service consumes the logon"},
      {"A@0 A@1 B@2 B@3", "finding 2-3+4", "the newest logon overwrites the one before"},
      {"A@0 B@1 A@2 B@3", "finding 1-2, finding 3-4", "a new logon can be consumed anew"},
      {"B@0 A@1", "", "a service before the logon"},
      {"A@0/1 B@1/2", "near_miss 1-2", "complete first leg, service in another session"},
      {"N@0/1 B@1/2", "", "a first leg that is not complete is no lead"},
      {"A@0/1 B@301/2", "", "another session, and beyond the span"},
      {"A@0 B@300", "finding 1-2", "the span is inclusive"},
      {"A@0 B@301", "near_miss 1-2", "the span alone fails"},
      {"A@0 B@301 B@302", "near_miss 1-2, near_miss 1-3", "nothing was consumed"},
      {"N@0 B@1", "near_miss 1-2", "one condition fails"},
      {"N@0 B@301", "", "two fail"},
      {"F@0 B@1", "", "two fail"},
      {"F@0/1 A@1/2 B@2/1", "", "its own logon is there: another session is not asked"},
      {"U@0 B@1", "indeterminate 1-2", "a field is unknown"},
      {"U@0 B@301", "", "one fails, one is unknown"},
      {"A@0 F@1 B@2", "finding 1-3", "the pending logon is the one that EQL sees"},
      {"A@0", "", "a lone logon"},
      {"B@0", "", "a lone service"},
      {"A@0 B@0", "finding 1-2", "one instant: the record ids tell"},
      {"B@0 A@0", "", "one instant: the record ids tell"},
  }));
  CAPTURE(line, reason);
  const Stream made = stream(line);
  CHECK(in_words(matches(made), made) == expected);
}

TEST_CASE("one tick beyond the span is a near miss", "[detect][windows_sequence]") {
  Stream made = stream("A@0 B@300");
  made.services[0].place.time->earliest += model::Ticks{1};
  CHECK(in_words(matches(made), made) == "near_miss 1-2");
  CHECK(matches(made)[0].conditions.get(Condition::within_span) == false);
}

TEST_CASE("computers are one to the letter, alike is a near miss, others are apart",
          "[detect][windows_sequence]") {
  const auto [computer, expected] = GENERATE(table<std::uint32_t, std::string>({
      {0U, "finding 1-2"},    // the same spelling
      {1U, "near_miss 1-2"},  // the short name
      {2U, ""},               // another computer
  }));
  Stream made = stream("A@0 B@1");
  made.services[0].computer = ComputerId{computer};
  CHECK(in_words(matches(made), made) == expected);
}

TEST_CASE("an input without computers is one computer that nobody named",
          "[detect][windows_sequence]") {
  Stream made = stream("A@0 B@1");
  made.computers = {{.name = "1", .named = false}, {.name = "2", .named = false}};
  CHECK(in_words(matches(made), made) == "indeterminate 1-2");
  made.services[0].computer = ComputerId{1};
  CHECK(in_words(matches(made), made).empty());
}

TEST_CASE("an order or a session that cannot be told is indeterminate",
          "[detect][windows_sequence]") {
  Stream made = stream("A@0 B@0");
  SECTION("one second, no record id, a mixed file") {
    for (SequenceEvent* one : {&made.logons[0], &made.services[0]}) {
      one->place.record_id.reset();
      one->place.order = windows::FileOrder::mixed;
    }
    CHECK(in_words(matches(made), made) == "indeterminate 1-2");
    CHECK(matches(made)[0].conditions.get(Condition::order) == std::nullopt);
  }
  SECTION("the service's session cannot be read") {
    made.services[0].logon_id.reset();
    CHECK(in_words(matches(made), made) == "indeterminate 1-2");
  }
  SECTION("the logon's session cannot be read") {
    made.logons[0].logon_id.reset();
    CHECK(in_words(matches(made), made) == "indeterminate 1-2");
  }
  SECTION("a 12-hour clock: the record ids give the order, nothing gives the span") {
    made.logons[0].place.time->zone = windows::Zone::half_day;
    made.services[0].place.time->zone = windows::Zone::half_day;
    CHECK(in_words(matches(made), made) == "indeterminate 1-2");
    CHECK(matches(made)[0].conditions.get(Condition::order) == true);
  }
}

TEST_CASE("the order of the inputs changes nothing", "[detect][windows_sequence]") {
  Stream made = stream("A@0 A@1 B@2 B@3 A@4/2 N@5/3 B@6/3 B@7/2 A@8 B@9");
  const std::string expected = "finding 2-3+4, near_miss 6-7, finding 5-8, finding 9-10";
  CHECK(in_words(matches(made), made) == expected);
  std::ranges::reverse(made.logons);
  std::ranges::reverse(made.services);
  CHECK(in_words(matches(made), made) == expected);
}

namespace {

// The rule again, from its words: one list in order, the state by session as EQL keeps it.
std::string by_the_book(const Stream& made) {
  struct Step {
    const SequenceEvent* event;
    bool is_logon;
  };
  std::vector<Step> steps;
  for (const SequenceEvent& logon : made.logons)
    steps.push_back({&logon, true});
  for (const SequenceEvent& service : made.services)
    steps.push_back({&service, false});
  std::ranges::sort(steps, [](const Step& a, const Step& b) {
    return std::tuple{a.event->place.time->earliest, *a.event->place.record_id} <
           std::tuple{b.event->place.time->earliest, *b.event->place.record_id};
  });
  struct Match {
    Verdict verdict;
    const SequenceEvent* logon;
    const SequenceEvent* service;
    std::vector<const SequenceEvent*> additional;
  };
  std::vector<Match> found;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (steps[s].is_logon)
      continue;
    const SequenceEvent& service = *steps[s].event;
    const SequenceEvent* pending = nullptr;  // newest complete before, to the letter
    const SequenceEvent* newest = nullptr;   // newest before, alike
    const SequenceEvent* other = nullptr;    // newest complete of another session, alike, in span
    for (std::size_t l = 0; l < s; ++l) {
      if (!steps[l].is_logon)
        continue;
      const SequenceEvent& logon = *steps[l].event;
      const bool is_pc01 = static_cast<int>(logon.computer) < 2;
      if (is_pc01 != (static_cast<int>(service.computer) < 2))
        continue;
      const bool is_same_name = logon.computer == service.computer;
      const bool is_complete = logon.conditions.all_hold(RuleVariant::v214);
      const bool is_in_span =
          service.place.time->earliest - logon.place.time->earliest <= model::Ticks{300 * kSecond};
      if (*logon.logon_id == *service.logon_id) {
        newest = &logon;
        if (is_complete && is_same_name)
          pending = &logon;
      } else if (is_complete && is_same_name && is_in_span) {
        other = &logon;
      }
    }
    const auto match_of = [&](const SequenceEvent* logon) {
      return std::ranges::find_if(found, [&](const Match& match) {
        return match.verdict == Verdict::finding && match.logon == logon;
      });
    };
    const auto age = [&](const SequenceEvent* logon) {
      return service.place.time->earliest - logon->place.time->earliest;
    };
    const auto is_late = [&](const SequenceEvent* logon) {
      return age(logon) > model::Ticks{300 * kSecond};
    };
    if (pending != nullptr && match_of(pending) == found.end() && !is_late(pending)) {
      found.push_back({Verdict::finding, pending, &service, {}});
    } else if (newest != nullptr) {
      if (const auto consumed = match_of(newest); consumed != found.end()) {
        consumed->additional.push_back(&service);
        continue;
      }
      const bool is_other_name = newest->computer != service.computer;
      const int failed = newest->conditions.failed(RuleVariant::v214) + (is_late(newest) ? 1 : 0) +
                         (is_other_name ? 1 : 0);
      const int unknown = newest->conditions.unknown(RuleVariant::v214);
      const bool other_variant_holds = failed == 0 && unknown != 0;
      if (failed == 1 && unknown == 0)
        found.push_back({Verdict::near_miss, newest, &service, {}});
      else if (other_variant_holds)
        found.push_back({Verdict::indeterminate, newest, &service, {}});
      else if (failed == 1 && !is_other_name && !is_late(newest) && unknown == 0)
        found.push_back({Verdict::near_miss, newest, &service, {}});
    } else if (other != nullptr) {
      found.push_back({Verdict::near_miss, other, &service, {}});
    }
  }
  std::string words;
  for (const Match& match : found) {
    words += words.empty() ? "" : ", ";
    words += std::string{to_string(match.verdict)} + " " + std::to_string(match.logon->reference) +
             "-" + std::to_string(match.service->reference);
    for (const SequenceEvent* service : match.additional)
      words += "+" + std::to_string(service->reference);
  }
  return words;
}

}  // namespace

TEST_CASE("random streams are matched as the rule's words say", "[detect][windows_sequence]") {
  std::size_t objects = 0;
  for (unsigned seed = 1; seed <= 5000; ++seed) {
    std::mt19937 random{seed};
    const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
    Stream made;
    const unsigned count = 2 + below(14);
    for (unsigned i = 1; i <= count; ++i) {
      const char kind = "AAANFUBBBB"[below(10)];
      // Few seconds and few sessions, so that ties, overwriting and expiry are common.
      const std::int64_t ticks = below(8) * 100 * kSecond + below(2);
      const SequenceEvent one = event(kind, ticks, i, 1 + below(3), ComputerId{below(3)});
      (kind == 'B' ? made.services : made.logons).push_back(one);
    }
    const std::string found = in_words(matches(made), made);
    objects += static_cast<std::size_t>(std::ranges::count(found, '-'));
    INFO("seed " << seed);
    REQUIRE(found == by_the_book(made));
  }
  CHECK(objects > 5000);  // the streams are not idle
}

}  // namespace krbtrail::detect
