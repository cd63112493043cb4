// SPDX-License-Identifier: Apache-2.0
#include "cli/ini_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "cli/text_file.h"

namespace krbtrail::cli {

namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<unsigned> hex_digit(char digit) {
  const char lower = digit >= 'A' && digit <= 'F' ? static_cast<char>(digit - 'A' + 'a') : digit;
  const auto value = kHexDigits.find(lower);
  return value == std::string_view::npos ? std::nullopt
                                         : std::optional{static_cast<unsigned>(value)};
}

// Unset if a backslash stands before anything but a backslash or xNN.
std::optional<std::string> unescaped(std::string_view written) {
  std::string value;
  while (!written.empty()) {
    if (written.front() != '\\') {
      value += written.front();
      written.remove_prefix(1);
    } else if (written.starts_with("\\\\")) {
      value += '\\';
      written.remove_prefix(2);
    } else if (written.size() >= 4 && written[1] == 'x') {
      const auto high = hex_digit(written[2]);
      const auto low = hex_digit(written[3]);
      if (!high || !low)
        return std::nullopt;
      value += static_cast<char>(*high * 16 + *low);
      written.remove_prefix(4);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

class Parser {
 public:
  Parser(std::string name, Mistakes& mistakes) : mistakes_(mistakes) {
    file_.name = std::move(name);
  }

  IniFile parse(std::string_view text) {
    if (text.starts_with(kByteOrderMark))
      text.remove_prefix(kByteOrderMark.size());
    while (!text.empty() && !binary_) {
      ++line_;
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      read(trimmed(line));
    }
    return std::move(file_);
  }

 private:
  void fail(const std::string& message, std::string hint = {}) {
    mistakes_.push_back(mistake_at(file_, line_, message, std::move(hint)));
  }

  void read(std::string_view line) {
    binary_ = line.find('\0') != std::string_view::npos;
    if (binary_)
      return fail("holds a NUL byte: this is no text, and the rest of it is not read");
    if (line.empty() || line.front() == '#' || line.front() == ';')
      return;
    if (line.front() == '[')
      begin_section(line);
    else
      add_entry(line);
  }

  void begin_section(std::string_view line) {
    // Entries below a section that cannot be read belong to it all the same: one mistake is enough.
    file_.sections.push_back({.name = {}, .line = line_, .entries = {}});
    if (line.back() != ']') {
      fail("a section ends in ']', and nothing stands behind it");
      skipping_ = true;
      return;
    }
    const std::string_view name = trimmed(line.substr(1, line.size() - 2));
    skipping_ = name.empty();
    if (name.empty())
      fail("a section without a name");
    file_.sections.back().name = name;
  }

  void add_entry(std::string_view line) {
    const auto equals = line.find('=');
    const std::string_view key = trimmed(line.substr(0, equals));
    if (equals == std::string_view::npos || key.empty()) {
      fail("expected 'key = value' or '[section]'");
      return;
    }
    const std::string_view written = trimmed(line.substr(equals + 1));
    std::optional<std::string> value = unescaped(written);
    if (!value)
      fail("a backslash in a value is written twice",
           "any byte may be written as a backslash, x and two hexadecimal digits");
    else if (file_.sections.empty())
      fail("'" + std::string{key} + "' stands before the first [section]");
    else if (!skipping_)
      file_.sections.back().entries.push_back({.key = std::string{key},
                                               .value = std::move(*value),
                                               .written = std::string{written},
                                               .line = line_});
  }

  Mistakes& mistakes_;
  IniFile file_;
  std::size_t line_ = 0;
  bool skipping_ = false;
  bool binary_ = false;
};

void drop_unreadable(IniFile& file) {
  std::erase_if(file.sections, [](const IniSection& section) { return section.name.empty(); });
}

bool must_be_escaped(unsigned char byte) {
  return byte < 0x20 || byte >= 0x7F;
}

}  // namespace

IniFile parse_ini(std::string name, std::string_view text, Mistakes& mistakes) {
  IniFile file = Parser{std::move(name), mistakes}.parse(text);
  drop_unreadable(file);
  return file;
}

IniFile read_ini(const std::string& path, Mistakes& mistakes) {
  const model::Result<std::string> text = read_text_file(path, kIniFileLimit);
  if (text)
    return parse_ini(path, text.value(), mistakes);
  mistakes.push_back(text.error());
  return {.name = path, .sections = {}};
}

std::string place_of(const IniFile& file, std::size_t line) {
  return file.name + ":" + std::to_string(line);
}

model::Error mistake_at(const IniFile& file, std::size_t line, const std::string& message,
                        std::string hint) {
  return {.message = place_of(file, line) + ": " + message, .hint = std::move(hint)};
}

std::string written_as_ini(std::string_view value) {
  std::string written;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    const bool is_edge = i == 0 || i + 1 == value.size();
    if (byte == '\\') {
      written += "\\\\";
    } else if (must_be_escaped(byte) || (is_edge && byte == ' ')) {
      written += "\\x";
      written += kHexDigits[byte / 16U];
      written += kHexDigits[byte % 16U];
    } else {
      written += value[i];
    }
  }
  return written;
}

}  // namespace krbtrail::cli
