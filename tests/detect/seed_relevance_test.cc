// SPDX-License-Identifier: Apache-2.0
//
// The skip in front of the decoder rests on seed_literals(): no event that a branch matches may
// lack one. And what decides must be what explains.
#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detect/seed_findings.h"
#include "detect/seed_lists.h"
#include "krbtrail/detect/kusto_text.h"
#include "krbtrail/detect/seed_ccache.h"
#include "support/activity_builders.h"
#include "support/catch.h"

namespace {

namespace seed = krbtrail::detect::seed;

using krbtrail::activity::FileAction;
using krbtrail::activity::FileEvent;
using krbtrail::activity::PathConfidence;
using krbtrail::activity::Process;
using krbtrail::activity::ProcessEvent;
using krbtrail::detect::explain_seed;
using krbtrail::detect::Explanation;
using krbtrail::detect::seed_literals;
using krbtrail::detect::SeedOptions;
using krbtrail::test::branches;
using krbtrail::test::Event;
using krbtrail::test::kGenerous;
using krbtrail::test::kStrict;

bool has_any(std::string_view text, const std::vector<std::string_view>& literals) {
  return std::ranges::any_of(literals, [&](std::string_view literal) {
    return krbtrail::detect::contains(text, literal);
  });
}

bool has_file_literal(std::string_view text) {
  return has_any(text, seed_literals().anywhere);
}

bool has_literal(std::string_view text) {
  return has_file_literal(text) || has_any(text, seed_literals().in_execs);
}

bool holds(const std::vector<krbtrail::model::Predicate>& predicates) {
  return std::ranges::all_of(predicates, [](const auto& one) { return one.held == true; });
}

// "23" of the explanations: the branches that hold, each held against its own predicates.
std::string explained(const std::vector<Explanation>& explanations) {
  std::string seen;
  for (const Explanation& one : explanations) {
    REQUIRE(one.holds == (holds(one.required) && std::ranges::any_of(one.alternatives, holds)));
    if (one.holds)
      seen += one.rule->id == "seed-file-access"  ? '1'
              : one.rule->id == "seed-copy-exfil" ? '3'
                                                  : '2';
  }
  return seen;
}

// Words made from what the branches look for, whole, cut and grown, in any case.
class Words {
 public:
  explicit Words(unsigned int seed_of_random) : random_(seed_of_random) {
    for (const auto list : {std::span<const std::string_view>{seed::kImpacketKerbTools},
                            std::span<const std::string_view>{seed::kCcacheWords}})
      fragments_.insert(fragments_.end(), list.begin(), list.end());
    for (const std::string_view one : {"krb5.ccache", "krb5cc_", "1000", "0", "/tmp/", "/krb5", "/",
                                       "_", ".", "x", "=", "\xff", "krb5", "cc", "cache", ".py"})
      fragments_.push_back(one);
  }

  std::string word() {
    std::string made;
    for (std::size_t i = 0, parts = 1 + below(4); i < parts; ++i)
      made += fragment();
    return made;
  }
  std::size_t below(std::size_t bound) { return random_() % bound; }
  template <class List>
  auto one_of(const List& list) {
    return list[below(list.size())];
  }

 private:
  std::string fragment() {
    std::string made{one_of(fragments_)};
    if (below(6) == 0)
      made.resize(below(made.size()));
    if (below(4) == 0)
      std::ranges::for_each(made, [&](char& c) { c = flip(c); });
    return made;
  }
  static char flip(char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter ? static_cast<char>(static_cast<unsigned char>(c) ^ 0x20U) : c;
  }

  std::mt19937 random_;
  std::vector<std::string_view> fragments_;
};

TEST_CASE("the literals are the shortest that cover all three branches", "[detect][relevance]") {
  krbtrail::detect::Literals literals = seed_literals();
  std::ranges::sort(literals.anywhere);
  std::ranges::sort(literals.in_execs);
  CHECK(literals.anywhere == std::vector<std::string_view>{".ccache", "krb5cc_"});
  CHECK(literals.in_execs == std::vector<std::string_view>{"CCache", "getNTHash.py", "getPac.py",
                                                           "getST.py", "getServiceTicket.py",
                                                           "getTGT.py", "getUserSPNs.py", "krb5cc",
                                                           "rbcd.py", "ticketer.py"});
}

TEST_CASE("no exec that a branch matches lacks a literal in one argument", "[detect][relevance]") {
  constexpr std::array<std::string_view, 8> kExes = {
      "/usr/bin/python3.11", "/usr/bin/python", "/usr/bin/cp",   "/usr/bin/nc.openbsd",
      "/usr/bin/busybox",    "/usr/bin/dash",   "/usr/bin/CURL", "/usr/bin/klist"};
  const auto seed_of_random = std::random_device{}();
  INFO("seed " << seed_of_random);
  Words words{seed_of_random};
  std::array<int, 4> seen{};
  for (int round = 0; round < 4000; ++round) {
    std::vector<std::string> argv = {words.below(2) == 0 ? "python3" : "busybox", "cat"};
    for (std::size_t i = 0, count = 1 + words.below(3); i < count; ++i)
      argv.push_back(words.word());
    const ProcessEvent event = krbtrail::test::exec(std::string{words.one_of(kExes)}, argv);
    CAPTURE(event.lineage.process.command_line, event.lineage.process.exe);
    for (const SeedOptions options : {kGenerous, kStrict}) {
      const std::string matched = branches({Event{event}}, options);
      REQUIRE(explained(explain_seed(event, options.strict_kql)) == matched);
      if (!matched.empty())
        REQUIRE(std::ranges::any_of(argv, has_literal));
      for (const char branch : matched)
        ++seen[static_cast<std::size_t>(branch - '0')];
      seen[0] += matched.empty() ? 1 : 0;
    }
  }
  CHECK(seen[0] > 0);  // silent
  CHECK(seen[2] > 0);
  CHECK(seen[3] > 0);
}

TEST_CASE("no file that branch 1 matches lacks a literal in its base name", "[detect][relevance]") {
  constexpr std::array kActions = {FileAction::read, FileAction::created, FileAction::deleted,
                                   FileAction::symlinked, FileAction::attempted};
  constexpr std::array kConfidences = {PathConfidence::absolute, PathConfidence::joined,
                                       PathConfidence::known_inode, PathConfidence::unresolved};
  constexpr std::array<std::string_view, 4> kFolders = {"/tmp/", "/TMP/a/", "/home/a/krb5/", ""};
  constexpr std::array<std::string_view, 3> kExes = {"/usr/bin/cat", "/usr/bin/klist", ""};
  const auto seed_of_random = std::random_device{}();
  INFO("seed " << seed_of_random);
  Words words{seed_of_random};
  int matches = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string name = words.word();
    const std::string path = std::string{words.one_of(kFolders)} + name;
    const FileEvent event = krbtrail::test::act(
        words.one_of(kActions), krbtrail::test::file(path, words.one_of(kConfidences)),
        krbtrail::test::actor(std::string{words.one_of(kExes)}));
    CAPTURE(path);
    for (const SeedOptions options : {kGenerous, kStrict}) {
      const std::string matched = branches({Event{event}}, options);
      REQUIRE(explained(explain_seed(event, options.strict_kql)) == matched);
      if (!matched.empty())
        REQUIRE(has_file_literal(event.object.base_name()));
      matches += matched.empty() ? 0 : 1;
    }
  }
  CHECK(matches > 0);
  CHECK(matches < 8000);
}

TEST_CASE("every truth case that is true has a literal", "[detect][relevance]") {
  const std::string_view text =
      GENERATE(std::string_view{"/tmp/krb5cc_1000"}, std::string_view{"KRB5CCNAME=FILE:/tmp/x"},
               std::string_view{"export krb5ccname=/x"}, std::string_view{"import ccache"},
               std::string_view{"from impacket.krb5.ccache import CCache"},
               std::string_view{"python3 waf --with-ccache"}, std::string_view{"krb5.ccache"},
               std::string_view{"a.ccache.gz"}, std::string_view{"python3 getST.py -k"},
               std::string_view{"my_getST.py"}, std::string_view{"getST.py.bak"},
               std::string_view{"GETST.PY"}, std::string_view{"GetUserSPNs.py"},
               std::string_view{"/etc/krb5.ccache"}, std::string_view{"KRB5.CCACHE"},
               std::string_view{"ALICE.CCACHE"}, std::string_view{"krb5cc_1000"},
               std::string_view{"cp /tmp/krb5cc_1_x"}, std::string_view{"cp xkrb5cc_1"});
  CAPTURE(text);
  CHECK(has_literal(text));
}

TEST_CASE("an event far from tickets has no literal", "[detect][relevance]") {
  CHECK_FALSE(has_literal("/etc/krb5.conf"));
  CHECK_FALSE(has_literal("/usr/bin/python3 -m http.server"));
  CHECK_FALSE(has_literal("/home/alice/.cache/krb5/cc"));
}

TEST_CASE("an explanation of a file shows every predicate of branch 1", "[detect][explain]") {
  const FileEvent event = krbtrail::test::act(FileAction::read, "/tmp/krb5cc_1000",
                                              krbtrail::test::actor("/usr/bin/klist"));
  const std::vector<Explanation> explanations = explain_seed(event, false);
  REQUIRE(explanations.size() == 1);
  const Explanation& branch = explanations[0];
  CHECK(branch.rule->id == "seed-file-access");
  CHECK_FALSE(branch.holds);
  REQUIRE(branch.required.size() == 4);
  CHECK(branch.required[0].name == "action_counts");
  CHECK(branch.required[0].value == "read");
  CHECK(branch.required[1].name == "regular_file");
  CHECK(branch.required[1].value == "mode 0100600");
  CHECK(branch.required[2].name == "path_usable");
  CHECK(branch.required[2].value == "/tmp/krb5cc_1000 (absolute)");
  CHECK(branch.required[3].name == "process_not_exempt");
  CHECK(branch.required[3].wanted == "InitiatingProcessFileName !in~ (LegitKerbProcesses)");
  CHECK(branch.required[3].value == "klist");
  CHECK(branch.required[3].held == false);
  REQUIRE(branch.alternatives.size() == 3);
  CHECK(branch.alternatives[0].size() == 2);
  CHECK(branch.alternatives[1].size() == 1);
  CHECK(branch.alternatives[2].size() == 2);
  CHECK(branch.alternatives[0][1].wanted == "FileName matches regex @\"^krb5cc_[0-9]+$\"");
  CHECK(branch.alternatives[0][1].held == true);
}

TEST_CASE("an explanation of an exec shows branches 2 and 3 with all names it is known by",
          "[detect][explain]") {
  const ProcessEvent event =
      krbtrail::test::exec("/usr/bin/nc.openbsd", {"nc", "host", "80", "krb5cc_1000"});
  const std::vector<Explanation> generous = explain_seed(event, false);
  REQUIRE(generous.size() == 2);
  CHECK(generous[0].rule->id == "seed-impacket-tool");
  CHECK_FALSE(generous[0].holds);
  CHECK(generous[1].rule->id == "seed-copy-exfil");
  CHECK(generous[1].holds);
  REQUIRE(generous[1].required.size() == 1);
  CHECK(generous[1].required[0].value == "nc.openbsd (exe), nc (argv[0]), nc (comm), nc (alias)");
  REQUIRE(generous[1].alternatives.size() == 2);
  CHECK(generous[1].alternatives[0][0].value == "nc host 80 krb5cc_1000");
  CHECK(generous[1].alternatives[1][0].held == false);

  const std::vector<Explanation> strict = explain_seed(event, true);
  CHECK_FALSE(strict[1].holds);
  CHECK(strict[1].required[0].value == "nc.openbsd (exe)");
}

}  // namespace
