// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/literal_scanner.h"

#include <algorithm>
#include <numeric>
#include <string>

#include <hs/hs.h>

namespace krbtrail::audit {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::string hex(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return {kHexDigits[byte >> 4U], kHexDigits[byte & 0xFU]};
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char other_case(char c) {
  return static_cast<char>(c ^ 0x20);
}

// Every byte by its code, so that no byte is taken for an operator. HS_FLAG_CASELESS does the rest.
std::string plain_pattern(std::string_view literal) {
  std::string pattern;
  for (const char c : literal)
    pattern += "\\x" + hex(c);
  return pattern;
}

std::string hex_pattern(std::string_view literal) {
  std::string pattern;
  for (const char c : literal)
    pattern += is_letter(c) ? "(?:" + hex(c) + '|' + hex(other_case(c)) + ')' : hex(c);
  return pattern;
}

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
  std::vector<std::string> patterns;
  for (const std::string_view literal : literals) {
    patterns.push_back(plain_pattern(literal));
    patterns.push_back(hex_pattern(literal));
  }
  std::vector<const char*> expressions;
  expressions.reserve(patterns.size());
  for (const std::string& pattern : patterns)
    expressions.push_back(pattern.c_str());
  const std::vector<unsigned> flags(patterns.size(), HS_FLAG_CASELESS);
  const std::vector<unsigned> ids(patterns.size(), 0);
  auto engine = std::make_unique<Engine>();
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(expressions.data(), flags.data(), ids.data(),
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
  const auto on_match = [](unsigned, unsigned long long, unsigned long long to, unsigned,
                           void* context) {
    static_cast<std::vector<std::uint32_t>*>(context)->push_back(static_cast<std::uint32_t>(to));
    return 0;
  };
  const hs_error_t status =
      hs_scan(engine_->database, bytes.data(), static_cast<unsigned>(bytes.size()), 0,
              engine_->scratch, on_match, &ends);
  if (status != HS_SUCCESS) {  // cannot happen with scratch of our own; if it does, miss nothing
    ends.resize(bytes.size());
    std::iota(ends.begin(), ends.end(), 1U);
  }
  if (!std::ranges::is_sorted(ends))  // Vectorscan promises no order across patterns
    std::ranges::sort(ends);
}

}  // namespace krbtrail::audit
