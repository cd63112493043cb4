// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/literal_scanner.h"

#include <algorithm>
#include <numeric>
#include <string>

#include <hs/hs.h>

namespace krbtrail::audit {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

constexpr std::size_t kCoreBytes = 3;
constexpr std::size_t kTailBytes = 64;

std::string hex(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return {kHexDigits[byte >> 4U], kHexDigits[byte & 0xFU]};
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
}

// 16 if it is no digit.
unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return static_cast<unsigned>(c - '0');
  return lower(c) >= 'a' && lower(c) <= 'f' ? static_cast<unsigned>(lower(c) - 'a') + 10 : 16;
}

bool spells_in_hex(std::string_view digits, std::string_view literal) {
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const unsigned high = hex_digit(digits[2 * i]);
    const unsigned low = hex_digit(digits[2 * i + 1]);
    if (high > 15 || low > 15 || lower(static_cast<char>(high * 16 + low)) != lower(literal[i]))
      return false;
  }
  return true;
}

// The bytes of a literal that are searched for in hexadecimal: those with the fewest letters, each
// of which doubles the number of spellings.
std::size_t core_of(std::string_view literal, std::size_t length) {
  std::size_t best = 0;
  std::ptrdiff_t fewest = static_cast<std::ptrdiff_t>(length) + 1;
  for (std::size_t at = 0; at + length <= literal.size(); ++at) {
    const std::ptrdiff_t letters = std::ranges::count_if(literal.substr(at, length), is_letter);
    if (letters < fewest) {
      fewest = letters;
      best = at;
    }
  }
  return best;
}

// Every spelling in hexadecimal, but for the case of the digits.
std::vector<std::string> hex_spellings(std::string_view bytes) {
  std::vector<std::string> spellings{""};
  for (const char c : bytes) {
    const std::size_t count = spellings.size();
    if (is_letter(c)) {
      for (std::size_t i = 0; i < count; ++i)
        spellings.push_back(spellings[i] + hex(upper(c)));
    }
    for (std::size_t i = 0; i < count; ++i)
      spellings[i] += hex(lower(c));
  }
  return spellings;
}

// A literal of which a part has been found in hexadecimal.
struct HexLiteral {
  std::string literal;
  std::size_t core_end = 0;  // in the literal
};

// What Vectorscan searches for. The plain literals themselves, and of their hexadecimal forms three
// bytes each: what can be spelt in a hundred ways is slow to search for, and what is behind three
// bytes is quickly seen.
struct Pattern {
  std::string bytes;
  std::vector<HexLiteral> hex;  // empty: a plain literal
};

Pattern& pattern_of(std::vector<Pattern>& patterns, const std::string& bytes) {
  const auto known = std::ranges::find_if(patterns, [&](const Pattern& pattern) {
    return pattern.bytes == bytes && !pattern.hex.empty();
  });
  return known != patterns.end() ? *known
                                 : patterns.emplace_back(Pattern{.bytes = bytes, .hex = {}});
}

std::vector<Pattern> patterns_of(std::span<const std::string_view> literals) {
  std::vector<Pattern> patterns;
  for (const std::string_view literal : literals) {
    patterns.push_back({.bytes = std::string{literal}, .hex = {}});
    const std::size_t length = std::min(kCoreBytes, literal.size());
    const std::size_t core = core_of(literal, length);
    for (const std::string& spelling : hex_spellings(literal.substr(core, length)))
      pattern_of(patterns, spelling)
          .hex.push_back({.literal = std::string{literal}, .core_end = core + length});
  }
  return patterns;
}

// One scan, as Vectorscan's callback sees it.
struct Search {
  std::string_view text;
  const std::vector<Pattern>& patterns;
  std::vector<std::uint32_t>& ends;

  void found(std::size_t pattern, std::size_t end) {
    if (patterns[pattern].hex.empty())
      ends.push_back(static_cast<std::uint32_t>(end));
    for (const HexLiteral& wanted : patterns[pattern].hex) {
      const std::size_t length = wanted.literal.size();
      const std::size_t last = end + 2 * (length - wanted.core_end);
      if (end < 2 * wanted.core_end || last > text.size())
        continue;
      if (spells_in_hex(text.substr(last - 2 * length, 2 * length), wanted.literal))
        ends.push_back(static_cast<std::uint32_t>(last));
    }
  }
};

}  // namespace

struct LiteralScanner::Engine {
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  Engine(Engine&&) = delete;
  Engine& operator=(Engine&&) = delete;
  ~Engine() {
    hs_free_scratch(scratch);
    hs_free_database(database);
  }

  // Appends in no particular order. False if Vectorscan refuses, for which with scratch memory of
  // its own there is no reason.
  [[nodiscard]] bool search(std::string_view bytes, std::vector<std::uint32_t>& ends) const {
    Search search{.text = bytes, .patterns = patterns, .ends = ends};
    const auto on_match = [](unsigned pattern, unsigned long long, unsigned long long end, unsigned,
                             void* context) {
      static_cast<Search*>(context)->found(pattern, static_cast<std::size_t>(end));
      return 0;
    };
    return hs_scan(database, bytes.data(), static_cast<unsigned>(bytes.size()), 0, scratch,
                   on_match, &search) == HS_SUCCESS;
  }

  // With few patterns Vectorscan 5.4.9 does not see all that ends in the last 27 bytes of what it
  // is given, so these are searched again with something behind them.
  void search_tail(std::string_view bytes, std::vector<std::uint32_t>& ends) const {
    const std::size_t length = std::min(bytes.size(), kTailBytes + 2 * longest);
    std::string tail{bytes.substr(bytes.size() - length)};
    tail.append(kTailBytes, '\0');
    std::vector<std::uint32_t> found;
    if (!search(tail, found))
      return;
    const auto begin = static_cast<std::uint32_t>(bytes.size() - length);
    for (const std::uint32_t end : found)
      ends.push_back(begin + end);
  }

  std::vector<Pattern> patterns;  // by the number that Vectorscan knows them by
  std::size_t longest = 0;        // of the literals
  hs_database_t* database = nullptr;
  hs_scratch_t* scratch = nullptr;
};

LiteralScanner::LiteralScanner(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
LiteralScanner::LiteralScanner(LiteralScanner&&) noexcept = default;
LiteralScanner& LiteralScanner::operator=(LiteralScanner&&) noexcept = default;
LiteralScanner::~LiteralScanner() = default;

model::Result<LiteralScanner> LiteralScanner::compile(std::span<const std::string_view> literals) {
  if (literals.empty())
    return LiteralScanner{nullptr};
  auto engine = std::make_unique<Engine>();
  engine->patterns = patterns_of(literals);
  for (const std::string_view literal : literals)
    engine->longest = std::max(engine->longest, literal.size());
  std::vector<const char*> expressions;
  std::vector<std::size_t> lengths;
  std::vector<unsigned> ids;
  for (const Pattern& pattern : engine->patterns) {
    ids.push_back(static_cast<unsigned>(expressions.size()));
    expressions.push_back(pattern.bytes.data());
    lengths.push_back(pattern.bytes.size());
  }
  const std::vector<unsigned> flags(expressions.size(), HS_FLAG_CASELESS);
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(expressions.data(), flags.data(), ids.data(), lengths.data(),
                           static_cast<unsigned>(expressions.size()), HS_MODE_BLOCK, nullptr,
                           &engine->database, &error) != HS_SUCCESS) {
    model::Error failure{std::string{"literals: cannot compile: "} + error->message, {}};
    hs_free_compile_error(error);
    return failure;
  }
  if (hs_alloc_scratch(engine->database, &engine->scratch) != HS_SUCCESS)
    return model::Error{"literals: cannot allocate scratch memory", {}};
  return LiteralScanner{std::move(engine)};
}

void LiteralScanner::scan(std::string_view bytes, std::vector<std::uint32_t>& ends) const {
  ends.clear();
  if (engine_ == nullptr)
    return;
  if (!engine_->search(bytes, ends)) {  // cannot happen; if it does, miss nothing
    ends.resize(bytes.size());
    std::iota(ends.begin(), ends.end(), 1U);
    return;
  }
  engine_->search_tail(bytes, ends);
  std::ranges::sort(ends);
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
}

}  // namespace krbtrail::audit
