// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/command_line.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "activity/process_facts.h"

namespace krbtrail::activity {
namespace {

using audit::Field;
using audit::RecordType;

// A piece of an argument: "a12", or "a12[3]" of a long one.
struct Piece {
  std::uint32_t argument = 0;
  std::uint32_t index = 0;
  const Field* field = nullptr;
};

// "a12_len=…": how many characters the pieces of argument 12 are spelt with.
struct StatedLength {
  std::uint32_t argument = 0;
  std::uint64_t characters = 0;
};

struct Pieces {
  std::vector<Piece> pieces;  // in the order of argument and index, each once
  std::vector<StatedLength> lengths;
  std::uint64_t argc = 0;
};

template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{})
    return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return true;
}

bool take_literal(std::string_view& text, std::string_view literal) {
  if (!text.starts_with(literal))
    return false;
  text.remove_prefix(literal.size());
  return true;
}

std::optional<Piece> read_piece(const Field& field) {
  Piece piece{.field = &field};
  std::string_view name = field.name;
  if (!take_literal(name, "a") || !take_number(name, piece.argument))
    return std::nullopt;
  if (take_literal(name, "[") && !(take_number(name, piece.index) && take_literal(name, "]")))
    return std::nullopt;
  return name.empty() ? std::optional{piece} : std::nullopt;
}

std::optional<StatedLength> read_length(const Field& field) {
  StatedLength length;
  std::string_view name = field.name;
  std::string_view value = field.value;
  if (!take_literal(name, "a") || !take_number(name, length.argument) || name != "_len" ||
      !take_number(value, length.characters))
    return std::nullopt;
  return length;
}

void take_field(const Field& field, Pieces& found) {
  if (const auto piece = read_piece(field))
    found.pieces.push_back(*piece);
  else if (const auto length = read_length(field))
    found.lengths.push_back(*length);
  else if (std::string_view argc = field.value; field.name == "argc")
    take_number(argc, found.argc);
}

bool same_place(const Piece& a, const Piece& b) {
  return a.argument == b.argument && a.index == b.index;
}

bool before(const Piece& a, const Piece& b) {
  return a.argument != b.argument ? a.argument < b.argument : a.index < b.index;
}

Pieces collect(const audit::DecodedEvent& event) {
  Pieces found;
  for (const audit::DecodedRecord& record : event.records) {
    if (record.type != RecordType::execve)
      continue;
    for (const Field& field : record.fields)
      take_field(field, found);
  }
  std::ranges::stable_sort(found.pieces, before);
  found.pieces.erase(std::unique(found.pieces.begin(), found.pieces.end(), same_place),
                     found.pieces.end());
  return found;
}

// How many characters the piece is spelt with in the record, as aN_len counts them.
std::size_t spelt_length(const Piece& piece) {
  return piece.field->raw.starts_with('"') ? piece.field->value.size() : piece.field->raw.size();
}

// Neither quoted nor hex: what is left of a line that was cut.
bool is_cut(const Piece& piece) {
  const std::string_view raw = piece.field->raw;
  if (raw.starts_with('"'))
    return raw.size() < 2 || !raw.ends_with('"');
  return raw.size() == piece.field->value.size();
}

class Merger {
 public:
  explicit Merger(const Pieces& found) : found_(found) {}

  CommandLine merge() {
    for (const Piece& piece : found_.pieces)
      add(piece);
    const std::uint64_t last = found_.pieces.back().argument;
    truncated_ = truncated_ || found_.argc > last + 1 || !lengths_hold();
    line_.source = truncated_ ? CommandLineSource::execve_truncated : CommandLineSource::execve;
    return std::move(line_);
  }

 private:
  void add(const Piece& piece) {
    truncated_ = truncated_ || is_cut(piece);
    if (previous_ != nullptr && previous_->argument == piece.argument) {
      truncated_ = truncated_ || piece.index != previous_->index + 1;
      line_.argv.back().append(piece.field->value);
    } else {
      fill_up_to(piece.argument);
      truncated_ = truncated_ || piece.index != 0;
      line_.argv.emplace_back(piece.field->value);
    }
    previous_ = &piece;
  }

  // Arguments before this one that no record has stand as empty ones.
  void fill_up_to(std::uint32_t argument) {
    const std::uint32_t next = previous_ == nullptr ? 0 : previous_->argument + 1;
    if (argument <= next)
      return;
    truncated_ = true;
    const std::size_t missing =
        std::min<std::size_t>(argument - next, kMostFilledArguments - filled_);
    filled_ += missing;
    line_.argv.resize(line_.argv.size() + missing);
  }

  // The pieces of an argument are counted once, however often its length is stated.
  [[nodiscard]] bool lengths_hold() const {
    std::unordered_map<std::uint32_t, std::uint64_t> spelt;
    if (!found_.lengths.empty()) {
      for (const Piece& piece : found_.pieces)
        spelt[piece.argument] += spelt_length(piece);
    }
    return std::ranges::all_of(found_.lengths, [&](const StatedLength& length) {
      const auto found = spelt.find(length.argument);
      return found != spelt.end() ? found->second >= length.characters : length.characters == 0;
    });
  }

  const Pieces& found_;
  const Piece* previous_ = nullptr;
  std::size_t filled_ = 0;
  bool truncated_ = false;
  CommandLine line_;
};

std::string join(const std::vector<std::string>& argv) {
  std::size_t size = 0;
  for (const std::string& argument : argv)
    size += argument.size() + 1;
  std::string text;
  text.reserve(size);
  for (const std::string& argument : argv) {
    if (&argument != &argv.front())
      text.push_back(' ');
    text.append(argument);
  }
  return text;
}

// The title's words are separated by NUL, and the last one may end with it.
std::string title_text(std::string_view title) {
  while (title.ends_with('\0'))
    title.remove_suffix(1);
  std::string text{title};
  std::ranges::replace(text, '\0', ' ');
  return text;
}

}  // namespace

CommandLine command_line_of(const audit::DecodedEvent& event) {
  const Pieces found = collect(event);
  if (found.pieces.empty())
    return substitute_command_line(event);
  CommandLine line = Merger{found}.merge();
  line.text = join(line.argv);
  return line;
}

CommandLine substitute_command_line(const audit::DecodedEvent& event) {
  if (const auto* record = event.first(RecordType::proctitle); record != nullptr) {
    const std::string_view title = text_of(*record, "proctitle");
    if (!title.empty())
      return {.argv = {}, .text = title_text(title), .source = CommandLineSource::proctitle};
  }
  if (const auto* record = event.first(RecordType::syscall); record != nullptr) {
    const std::string_view comm = text_of(*record, "comm");
    if (!comm.empty())
      return {.argv = {}, .text = std::string{comm}, .source = CommandLineSource::comm};
  }
  return {};
}

}  // namespace krbtrail::activity
