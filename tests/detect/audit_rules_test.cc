// SPDX-License-Identifier: Apache-2.0
//
// tests/audit_rules holds the text against auditctl and the kernel; this is about what it says.
#include "krbtrail/detect/audit_rules.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"

namespace {

using krbtrail::detect::audit_rules;
using krbtrail::detect::AuditRulesRequest;
using krbtrail::detect::CcacheTemplate;
using krbtrail::detect::kAccountsWatched;
using krbtrail::detect::Machine;
using krbtrail::detect::PlaceOfTickets;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> rules_of(const AuditRulesRequest& request) {
  std::vector<std::string> lines = lines_of(audit_rules(request));
  std::erase_if(lines, [](const std::string& line) { return !line.starts_with("-a "); });
  return lines;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t count_with(const std::vector<std::string>& lines, std::string_view part) {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [&](const std::string& line) { return has(line, part); }));
}

PlaceOfTickets place(std::string_view text) {
  return {"/etc/krb5.conf:12", CcacheTemplate::parse(text).value()};
}

TEST_CASE("a tier holds every rule of those below it", "[detect][audit_rules]") {
  const std::vector<std::string> first = rules_of({.tier = 1, .uids = {1000}});
  const std::vector<std::string> second = rules_of({.tier = 2, .uids = {1000}});
  const std::vector<std::string> third = rules_of({.tier = 3, .uids = {1000}});
  for (const std::string& rule : first)
    CHECK(std::ranges::count(second, rule) == 1);
  for (const std::string& rule : second)
    CHECK(std::ranges::count(third, rule) == 1);
  CHECK(first.size() < second.size());
  CHECK(second.size() < third.size());
}

TEST_CASE("what auditctl asks of a rule holds for each", "[detect][audit_rules]") {
  const auto machine = GENERATE(Machine::x86_64, Machine::aarch64);
  for (const std::string& rule : rules_of({.tier = 3,
                                 .machine = machine,
                                 .places = {place("FILE:/run/user/%{uid}/krb5cc")},
                                 .uids = {1000, 1001}})) {
    CAPTURE(rule);
    CHECK(rule.starts_with("-a always,exit -F arch=b"));
    const std::size_t key = rule.find("-F key=");
    REQUIRE(key != std::string::npos);
    CHECK(rule.size() - (key + 7) <= 31);  // a longer key is refused
    CHECK(count_with({rule}, "-F exe") == (has(rule, "-F exe!=") ? 1U : 0U));
    CHECK(rule.find("-F key=", key + 1) == std::string::npos);
    if (machine == Machine::aarch64) {
      CHECK_FALSE(has(rule, "arch=b32"));
      for (const std::string_view call :
           {"-S open,", ",creat", "-S rename,", ",link,", ",symlink,"})
        CHECK_FALSE(has(rule, call));
    }
  }
}

TEST_CASE("a site's own rules stay, and nothing is switched off", "[detect][audit_rules]") {
  for (const std::string& line : lines_of(audit_rules({.tier = 3, .uids = {1000}}))) {
    CAPTURE(line);
    CHECK((line.empty() || line.starts_with('#') || line.starts_with("-a always,exit ")));
    CHECK(line.size() < 256);
  }
}

TEST_CASE("places of tickets are watched, each folder once", "[detect][audit_rules]") {
  const std::vector<std::string> rules = rules_of(
      {.tier = 1,
       .places = {place("FILE:/var/cache/tickets/%{uid}"),
                  place("FILE:/var/cache/tickets/cc_%{uid}"), place("KEYRING:session:x")}});
  CHECK(count_with(rules, "-F dir=/var/cache/tickets ") == 5);  // as for /tmp
  CHECK(count_with(rules, "-F dir=/tmp ") == 5);
  CHECK(count_with(rules, "KEYRING") == 0);
}

TEST_CASE("what the kernel would refuse stands in a comment with the reason",
          "[detect][audit_rules]") {
  const auto [folder, comment] = GENERATE(table<std::string, std::string>({
      {"/var/cache/gone", "# No rule for /var/cache/gone: it is not there."},
      {"/var/my tickets", "# No rule for /var/my tickets: a rules file cannot spell it."},
      {"/var/t\ninjected", "# No rule for /var/t?injected: a rules file cannot spell it."},
  }));
  CAPTURE(folder);
  const std::string text =
      audit_rules({.tier = 1,
                   .places = {place("FILE:" + folder + "/cc_%{uid}")},
                   .exists = [](const std::string& path) { return path != "/var/cache/gone"; }});
  CHECK(std::ranges::count(lines_of(text), comment) == 1);
  CHECK_FALSE(has(text, "-F dir=" + folder));
  CHECK_FALSE(has(text, "\ninjected"));
}

TEST_CASE("an excuse for a program is left out where its folder is not", "[detect][audit_rules]") {
  const auto exists = [](bool program) {
    return [program](const std::string& path) { return program || path != "/usr/libexec/sssd"; };
  };
  CHECK(count_with(rules_of({.tier = 1, .exists = exists(true)}),
                   "-F dir=/var/lib/sss/db -F perm=r -F exe!=/usr/libexec/sssd/sssd_be") == 2);
  const std::vector<std::string> without = rules_of({.tier = 1, .exists = exists(false)});
  CHECK(count_with(without, "-F dir=/var/lib/sss/db -F perm=r -F key=") == 2);
  CHECK(count_with(without, "-F exe") == 0);
}

TEST_CASE("tickets of a hundred accounts are watched by name, and of how many not is said",
          "[detect][audit_rules]") {
  std::vector<std::uint32_t> uids;
  for (std::uint32_t uid = 1000; uid < 1000 + kAccountsWatched + 7; ++uid)
    uids.push_back(uid);
  const std::vector<std::string> rules = rules_of({.tier = 2, .uids = uids});
  CHECK(count_with(rules, "-F path=/tmp/krb5cc_") == 2 * kAccountsWatched);  // both word sizes
  CHECK(count_with(rules, "-F path=/tmp/krb5cc_1099 ") == 2);
  CHECK(count_with(rules, "-F path=/tmp/krb5cc_1100 ") == 0);
  CHECK(has(audit_rules({.tier = 2, .uids = uids}), "# The tickets of 7 more accounts are not"));
  CHECK(has(audit_rules({.tier = 2}), "# No account is known, so no ticket is watched by name."));
}

TEST_CASE("a warning about the host stands at the top and cannot end its comment",
          "[detect][audit_rules]") {
  const std::string text =
      audit_rules({.tier = 1, .warnings = {"rules.d/10\n-D switches auditing off"}});
  CHECK(has(text, "# WARNING: rules.d/10?-D switches auditing off\n"));
  CHECK_FALSE(has(text, "\n-D"));
}

TEST_CASE("what no rule can show is said, and less of it in a higher tier",
          "[detect][audit_rules]") {
  const auto invisible = [](int tier) {
    const std::string text = audit_rules({.tier = tier, .places = {place("FILE:%h/.krb5/ticket")}});
    return text.substr(text.find("## What stays invisible"));
  };
  CHECK(has(invisible(1), "- A user's own ticket read"));
  CHECK_FALSE(has(invisible(2), "- A user's own ticket read"));
  CHECK(has(invisible(2), "- Tickets in containers"));
  CHECK_FALSE(has(invisible(3), "- Tickets in containers"));
  CHECK(has(invisible(3), "- FILE:%h/.krb5/ticket: it begins with a variable"));
}

}  // namespace
