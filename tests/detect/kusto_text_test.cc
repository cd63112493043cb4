// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/kusto_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"

namespace {

using krbtrail::detect::contains;
using krbtrail::detect::ends_with;
using krbtrail::detect::equals_ignore_case;
using krbtrail::detect::has;
using krbtrail::detect::has_any;
using krbtrail::detect::in_ignore_case;
using krbtrail::detect::Pattern;
using krbtrail::detect::starts_with;

constexpr std::array<std::string_view, 3> kPython = {"python", "python3", "python2"};
constexpr std::array<std::string_view, 13> kExfil = {
    "cp", "mv", "cat", "base64", "xxd", "tar", "scp", "rsync", "nc", "ncat", "curl", "wget", "dd"};
constexpr std::array<std::string_view, 15> kLegit = {
    "kinit", "klist", "kdestroy", "kgetcred", "sssd",    "krb5kdc",   "kadmind", "sshd",
    "login", "su",    "sudo",     "gdm",      "lightdm", "pamtester", "pamtest"};

// The numbers are those of the truth cases that the query's operators were worked out with.
TEST_CASE("`has` wants a whole term, or a phrase between whole terms", "[detect][kusto_text]") {
  const auto [number, text, operand, expected] =
      GENERATE(table<int, std::string, std::string, bool>({
          {1, "/tmp/krb5cc_1000", "krb5cc", true},            // _ separates
          {2, "xkrb5cc", "krb5cc", false},                    // x continues the term
          {3, "/tmp/krb5cc1000", "krb5cc", false},            // the term is krb5cc1000
          {4, "/tmp/krb5ccache", "krb5cc", false},            // one term
          {4, "/tmp/krb5ccache", "ccache", false},            // the same term from the other end
          {5, "KRB5CCNAME=FILE:/tmp/x", "KRB5CCNAME", true},  // = separates
          {6, "KRB5CCNAME2=/x", "KRB5CCNAME", false},         // 2 continues
          {7, "export krb5ccname=/x", "KRB5CCNAME", true},    // case does not matter
          {8, "import ccache", "CCache", true},               // nor here
          {9, "CCacheFile", "CCache", false},                 // part of a term
          {10, "from impacket.krb5.ccache import CCache", "ccache", true},  // points separate
          {11, "python3 waf --with-ccache", "ccache", true},  // a false alarm by design
          {12, "sccache", "ccache", false},                   // s continues
          {13, "krb5.ccache", ".ccache", true},               // the left edge is punctuation: free
          {14, "x.ccache2", ".ccache", false},                // the right edge is not
          {15, "a.ccache.gz", ".ccache", true},               // . separates
          {16, "python3 getST.py -k", "getST.py", true},      // a phrase
          {17, "mygetST.py", "getST.py", false},              // y continues
          {18, "my_getST.py", "getST.py", true},              // _ separates
          {19, "/opt/getST.pyc", "getST.py", false},          // c continues
          {20, "getST.py.bak", "getST.py", true},             // . separates
          {21, "GETST.PY", "getST.py", true},                 // case
          {22, "getST py", "getST.py", false},                // punctuation is literal
          {23, "impacket-getST -k", "getST.py", false},       // no .py
          {24, "GetUserSPNs.py", "getUserSPNs.py", true},     // upstream's spelling
          {25, "/etc/krb5.ccache", "krb5.ccache", true},
          {26, "mykrb5.ccache", "krb5.ccache", false},  // y precedes
          {27, "krb5_ccache", "krb5.ccache", false},    // _ is not .
      }));
  CAPTURE(number, text, operand);
  CHECK(has(text, operand) == expected);
}

TEST_CASE("`has` looks on behind an occurrence inside a longer term", "[detect][kusto_text]") {
  CHECK(has("xkrb5cc /tmp/krb5cc_1", "krb5cc"));
  CHECK(has("ccccache ccache", "ccache"));
  CHECK_FALSE(has("xkrb5cc krb5ccx krb5cc1", "krb5cc"));
  CHECK_FALSE(has("", "krb5cc"));
  CHECK_FALSE(has("krb5c", "krb5cc"));
}

TEST_CASE("a byte beyond ASCII separates terms", "[detect][kusto_text]") {
  CHECK(has("\xc3\xa9krb5cc\xff", "krb5cc"));
  CHECK(has(std::string_view{"\0ccache\0", 8}, "ccache"));
  CHECK_FALSE(equals_ignore_case("\xc9", "\xe9"));  // no case but ASCII's
}

TEST_CASE("`has_any` gives the first operand that the text has", "[detect][kusto_text]") {
  constexpr std::array<std::string_view, 3> kWords = {"CCache", "krb5cc", ".ccache"};
  REQUIRE(has_any("x krb5cc a.ccache", kWords) == &kWords[0]);  // .ccache holds the term ccache
  REQUIRE(has_any("cat /tmp/krb5cc_1", kWords) == &kWords[1]);
  REQUIRE(has_any("cat sccache", kWords) == nullptr);
}

TEST_CASE("`in~` compares whole strings in any case", "[detect][kusto_text]") {
  CHECK(in_ignore_case("Python3", kPython));            // 28: case
  CHECK_FALSE(in_ignore_case("python3.11", kPython));   // 29: whole string
  CHECK_FALSE(in_ignore_case("nc.openbsd", kExfil));    // 30: whole string
  CHECK_FALSE(in_ignore_case("sshd-session", kLegit));  // 31: not exempt
  CHECK_FALSE(in_ignore_case("krb5_child", kLegit));    // 31: not exempt
  CHECK(in_ignore_case("SSHD", kLegit));                // 32: exempt
  CHECK_FALSE(in_ignore_case("", kLegit));              // 33: `!in~` keeps the row
}

TEST_CASE("`=~` and its relatives ignore case", "[detect][kusto_text]") {
  CHECK(equals_ignore_case("KRB5.CCACHE", "krb5.ccache"));  // 34
  CHECK_FALSE(equals_ignore_case("krb5.ccache2", "krb5.ccache"));
  CHECK_FALSE(equals_ignore_case("krb5.ccach", "krb5.ccache"));
}

TEST_CASE("`startswith`, `contains` and `endswith` are the truth cases'", "[detect][kusto_text]") {
  CHECK(starts_with("/tmp/", "/tmp/"));                   // 35
  CHECK_FALSE(starts_with("/tmp", "/tmp/"));              // 35: without the slash it is a trap
  CHECK(starts_with("/TMP/x", "/tmp/"));                  // 35: case
  CHECK_FALSE(starts_with("/var/tmp/", "/tmp/"));         // 35: not at the start
  CHECK_FALSE(starts_with("/private/tmp/", "/tmp/"));     // 35: not at the start
  CHECK(contains("/home/a/krb5/", "/krb5"));              // 36
  CHECK_FALSE(contains("/opt/mykrb5/", "/krb5"));         // 36: the slash is part of it
  CHECK(contains("/var/lib/KRB5KDC/", "/krb5"));          // 36: case, and no whole term is wanted
  CHECK(contains("/tmp/krb5x.ccache", "/krb5"));          // 37: the full path, file name included
  CHECK(ends_with("ALICE.CCACHE", ".ccache"));            // 38
  CHECK_FALSE(ends_with("alice.ccache.bak", ".ccache"));  // 38: not at the end
  CHECK_FALSE(ends_with("cache", ".ccache"));
}

TEST_CASE("an anchored regex is held against the whole text", "[detect][kusto_text]") {
  const Pattern pattern{"^krb5cc_[0-9]+$"};
  CHECK(pattern.matches("krb5cc_1000"));            // 39
  CHECK_FALSE(pattern.matches("krb5cc_1000_Ab3"));  // 39: anchored at the end
  CHECK_FALSE(pattern.matches("krb5cc_p1234"));     // 39: no digit
  CHECK_FALSE(pattern.matches("KRB5CC_1"));         // 39: case matters here
  CHECK_FALSE(pattern.matches("krb5cc_1\n"));       // 39: '$' is the end of the text
}

TEST_CASE("an unanchored regex is found anywhere", "[detect][kusto_text]") {
  const Pattern pattern{"krb5cc_[0-9]+"};
  CHECK(pattern.matches("cp /tmp/krb5cc_1_x"));           // 40
  CHECK(pattern.matches("cp xkrb5cc_1"));                 // 40: no term is wanted
  CHECK_FALSE(pattern.matches("cp krb5cc_*"));            // 40: no digit
  CHECK_FALSE(pattern.matches("cp /home/a/krb5cc/tkt"));  // 40: no underscore
}

TEST_CASE("a regex reads bytes, whatever their encoding", "[detect][kusto_text]") {
  CHECK(Pattern{"krb5cc_[0-9]+"}.matches("cp /tmp/\xff\xfe/krb5cc_1 \x80"));
  CHECK(Pattern{"^.krb5cc_1$"}.matches("\xffkrb5cc_1"));
  CHECK(Pattern{"krb5cc_[0-9]+"}.matches(std::string_view{"cp\0krb5cc_1", 11}));
}

// A second way to compute `has`: cut the text into its terms and hold the operand's against them.
bool has_term_by_splitting(std::string_view text, std::string_view term) {
  std::vector<std::string> terms(1);
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      terms.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else
      terms.emplace_back();
  }
  std::string wanted;
  for (const char c : term)
    wanted += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(terms.begin(), terms.end(), wanted) != terms.end();
}

TEST_CASE("for one term `has` agrees with cutting the text into terms", "[detect][kusto_text]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  constexpr std::string_view kAlphabet = "aAbB1_. ";
  std::uniform_int_distribution<std::size_t> letter{0, kAlphabet.size() - 1};
  std::uniform_int_distribution<std::size_t> length{0, 12};
  const std::string term = GENERATE("a", "ab", "aba", "a1", "1");
  int held = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string text(length(random), ' ');
    for (char& c : text)
      c = kAlphabet[letter(random)];
    CAPTURE(text, term);
    const bool expected = has_term_by_splitting(text, term);
    REQUIRE(has(text, term) == expected);
    held += expected ? 1 : 0;
  }
  CHECK(held > 0);
}

}  // namespace
