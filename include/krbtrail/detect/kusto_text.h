// SPDX-License-Identifier: Apache-2.0
//
// The text operators of Kusto's query language (KQL), over bytes.
//
//   has("/tmp/krb5cc_1000", "krb5cc")            true: '_' separates terms
//   has("xkrb5cc", "krb5cc")                     false: x continues the term
//   in_ignore_case("Python3", {{"python3"}})     true: in~ compares whole strings in any case
//
// Source of the meaning: learn.microsoft.com, "String operators" (kusto/query/
// datatypes-string-operators) and "Regex syntax" (kusto/query/regex).
//
// Only ASCII letters have a case and only ASCII letters and digits make a term; every other byte,
// '_' and '.' and those from 0x80 on included, separates terms. Kusto's manual leaves the latter
// open for other alphabets; as separators they give more matches, never fewer.
//
// Each takes time proportional to the length of the text times that of the operand, and no memory.
// Safe to call from any thread.
#pragma once

#include <memory>
#include <span>
#include <string_view>

namespace re2 {
class RE2;
}  // namespace re2

namespace krbtrail::detect {

// KQL `has`: the operand stands in the text as it is written, punctuation included, and where one
// of its edges is a letter or digit, that edge is the edge of a term of the text. It is not empty.
[[nodiscard]] bool has(std::string_view text, std::string_view operand);

// KQL `has_any`. The answer is the first operand that the text has; null if there is none.
[[nodiscard]] const std::string_view* has_any(std::string_view text,
                                              std::span<const std::string_view> operands);

// KQL `=~`.
[[nodiscard]] bool equals_ignore_case(std::string_view text, std::string_view operand);

// KQL `in~`; an empty text is in no list that does not hold an empty entry, so `!in~` keeps it.
[[nodiscard]] bool in_ignore_case(std::string_view text,
                                  std::span<const std::string_view> operands);

// KQL `startswith`, `endswith` and `contains`, which ignore case.
[[nodiscard]] bool starts_with(std::string_view text, std::string_view operand);
[[nodiscard]] bool ends_with(std::string_view text, std::string_view operand);
[[nodiscard]] bool contains(std::string_view text, std::string_view operand);

// KQL `matches regex`: unanchored, with regard to case; '^' and '$' are the ends of the text, so
// that
// '$' does not match before a last line end. Reads bytes: a byte from 0x80 on is a character.
// Compiles the pattern once. `pattern` is ours: a malformed one is a mistake of this program.
class Pattern {
 public:
  explicit Pattern(std::string_view pattern);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  Pattern(Pattern&&) = delete;
  Pattern& operator=(Pattern&&) = delete;

  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  std::unique_ptr<re2::RE2> expression_;
};

}  // namespace krbtrail::detect
