// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/kusto_text.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

#include <re2/re2.h>

namespace krbtrail::detect {
namespace {

// Not std::tolower and std::isalnum: those ask the locale.
constexpr char fold(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool in_term(char c) {
  const char folded = fold(c);
  return (folded >= 'a' && folded <= 'z') || (c >= '0' && c <= '9');
}

// Of equal length. Mostly the case is the same.
bool are_same(std::string_view a, std::string_view b) {
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (a[i] != b[i] && fold(a[i]) != fold(b[i]))
      return false;
  }
  return true;
}

constexpr char unfold(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// The places of a byte in either case, in their order: the text is searched once for each case, by
// memchr.
class Places {
 public:
  Places(std::string_view text, char c)
      : text_(text),
        lower_case_(fold(c)),
        upper_case_(unfold(lower_case_)),
        lower_(text.find(lower_case_)),
        upper_(lower_case_ == upper_case_ ? kNone : text.find(upper_case_)) {}

  static constexpr std::size_t kNone = std::string_view::npos;

  [[nodiscard]] std::size_t place() const { return std::min(lower_, upper_); }
  void next() {
    if (lower_ < upper_)
      lower_ = text_.find(lower_case_, lower_ + 1);
    else
      upper_ = text_.find(upper_case_, upper_ + 1);
  }

 private:
  std::string_view text_;
  char lower_case_;
  char upper_case_;
  std::size_t lower_;
  std::size_t upper_;
};

// Whether the operand, which is not empty, stands in the text at a place that will do.
template <class WillDo>
bool stands_in(std::string_view text, std::string_view operand, WillDo will_do) {
  if (operand.size() > text.size())
    return false;
  const std::string_view starts = text.substr(0, text.size() - operand.size() + 1);
  for (Places places{starts, operand.front()}; places.place() != Places::kNone; places.next()) {
    const std::size_t at = places.place();
    if (are_same(text.substr(at, operand.size()), operand) && will_do(at))
      return true;
  }
  return false;
}

// Whether the edge between two neighbours lies inside a term of the text: it does if both belong to
// one. A punctuation mark at the operand's edge leaves its neighbour free.
bool cuts_term(char left, char right) {
  return in_term(left) && in_term(right);
}

bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
  const bool cut_before = begin > 0 && cuts_term(text[begin - 1], text[begin]);
  const bool cut_behind = end < text.size() && cuts_term(text[end - 1], text[end]);
  return !cut_before && !cut_behind;
}

}  // namespace

bool has(std::string_view text, std::string_view operand) {
  assert(!operand.empty());
  return stands_in(text, operand,
                   [&](std::size_t at) { return stands_alone(text, at, at + operand.size()); });
}

const std::string_view* has_any(std::string_view text, std::span<const std::string_view> operands) {
  for (const std::string_view& operand : operands) {
    if (has(text, operand))
      return &operand;
  }
  return nullptr;
}

bool equals_ignore_case(std::string_view text, std::string_view operand) {
  return text.size() == operand.size() && are_same(text, operand);
}

bool in_ignore_case(std::string_view text, std::span<const std::string_view> operands) {
  return std::ranges::any_of(operands, [&](std::string_view operand) {
    return operand.size() == text.size() && are_same(text, operand);
  });
}

bool starts_with(std::string_view text, std::string_view operand) {
  return equals_ignore_case(text.substr(0, operand.size()), operand);
}

bool ends_with(std::string_view text, std::string_view operand) {
  return text.size() >= operand.size() &&
         equals_ignore_case(text.substr(text.size() - operand.size()), operand);
}

bool contains(std::string_view text, std::string_view operand) {
  return operand.empty() || stands_in(text, operand, [](std::size_t /*at*/) { return true; });
}

// Latin1, because with RE2's default a path that is not UTF-8 silently fails to match.
Pattern::Pattern(std::string_view pattern)
    : expression_(std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()),
                                             re2::RE2::Latin1)) {
  assert(expression_->ok());
}

Pattern::~Pattern() = default;

bool Pattern::matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_);
}

}  // namespace krbtrail::detect
