// SPDX-License-Identifier: Apache-2.0
#include "bench/log_shape.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace krbtrail::bench {
namespace {

struct NumberOption {
  std::string_view name;
  std::uint32_t LogShape::*field;
  std::uint32_t least;
  std::uint32_t most;
};

constexpr std::array kNumberOptions{
    NumberOption{"--density", &LogShape::density, 1, 1'000'000},
    NumberOption{"--interleave-percent", &LogShape::interleave_percent, 0, 100},
    NumberOption{"--stray-ppm", &LogShape::stray_ppm, 0, 1'000'000},
    NumberOption{"--theft-ppm", &LogShape::theft_ppm, 0, 1'000'000},
    NumberOption{"--benign-ppm", &LogShape::benign_ppm, 0, 1'000'000},
    NumberOption{"--hosts", &LogShape::hosts, 1, 1'000},
};

struct Unit {
  std::string_view suffix;
  std::uint64_t bytes;
};

constexpr std::array kUnits{Unit{"", 1},
                            Unit{"kB", 1'000},
                            Unit{"MB", 1'000'000},
                            Unit{"GB", 1'000'000'000},
                            Unit{"KiB", 1ULL << 10U},
                            Unit{"MiB", 1ULL << 20U},
                            Unit{"GiB", 1ULL << 30U}};

constexpr std::uint64_t kMostBytes = 1ULL << 50U;

// The number at the head of `text` and what follows it.
std::optional<std::pair<std::uint64_t, std::string_view>> split_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{})
    return std::nullopt;
  return std::pair{number, text.substr(static_cast<std::size_t>(result.ptr - text.data()))};
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const auto split = split_number(text);
  return split && split->second.empty() ? std::optional{split->first} : std::nullopt;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto split = split_number(text);
  if (!split)
    return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.suffix == split->second && split->first <= kMostBytes / unit.bytes)
      return split->first * unit.bytes;
  }
  return std::nullopt;
}

model::Error bad_value(std::string_view option, std::string_view value, std::string_view wanted) {
  return {.message =
              std::string{option} + ": '" + std::string{value} + "' is not " + std::string{wanted},
          .hint = {}};
}

bool take_flag(GenerateCommand& command, std::string_view word) {
  if (word == "--help")
    command.help = true;
  else if (word == "--no-proctitle")
    command.shape.proctitle = false;
  else if (word == "--enriched")
    command.shape.enriched = true;
  else if (word == "--reorder")
    command.shape.reorder = true;
  else
    return false;
  return true;
}

model::Status take_number(LogShape& shape, const NumberOption& option, std::string_view value) {
  const auto number = parse_number(value);
  if (!number || *number < option.least || *number > option.most) {
    return bad_value(
        option.name, value,
        "a number from " + std::to_string(option.least) + " to " + std::to_string(option.most));
  }
  shape.*option.field = static_cast<std::uint32_t>(*number);
  return {};
}

model::Status take_seed_or_bytes(LogShape& shape, std::string_view name, std::string_view value) {
  const bool is_seed = name == "--seed";
  const auto number = is_seed ? parse_number(value) : parse_bytes(value);
  if (!number)
    return bad_value(name, value, is_seed ? "a number" : "a size such as 1000, 5MB or 1GiB");
  (is_seed ? shape.seed : shape.bytes) = *number;
  return {};
}

model::Status take_value(GenerateCommand& command, std::string_view name, std::string_view value) {
  for (const NumberOption& option : kNumberOptions) {
    if (option.name == name)
      return take_number(command.shape, option, value);
  }
  if (name == "--bytes" || name == "--seed")
    return take_seed_or_bytes(command.shape, name, value);
  if (name == "--node")
    command.shape.node = value;
  else if (name == "--output")
    command.output = value;
  else if (name == "--truth")
    command.truth = value;
  else
    return model::Error{.message = "unknown option '" + std::string{name} + "'", .hint = {}};
  return {};
}

}  // namespace

model::Result<GenerateCommand> parse_generate_command(const std::vector<std::string>& words) {
  GenerateCommand command;
  for (std::size_t index = 0; index < words.size(); ++index) {
    const std::string& word = words[index];
    if (take_flag(command, word))
      continue;
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (equals == std::string::npos && index + 1 == words.size())
      return model::Error{.message = name + ": unknown, or its value is missing", .hint = {}};
    const std::string value =
        equals == std::string::npos ? words[++index] : word.substr(equals + 1);
    const model::Status taken = take_value(command, name, value);
    if (!taken)
      return taken.error();
  }
  return command;
}

}  // namespace krbtrail::bench
