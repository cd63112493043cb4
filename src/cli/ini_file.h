// SPDX-License-Identifier: Apache-2.0
//
// The grammar that the configuration and the exceptions have in common.
//
//   # a comment, on a line of its own; so is one that begins with ';'
//   [section]
//   key = value
//
// Blanks around a name, a key and a value do not count. In a value a backslash is written twice and
// any byte may be written \xNN, so that what NDJSON shows of a path or a command line can stand
// here as it is. '#' within a value is part of it: a command line may hold one, and a reason that
// names a ticket must not be cut there. (That, and the line numbers, is why this is not the reader
// of Boost.Program_options, which cuts at '#' and forgets the line.)
//
// What is wrong with a file is collected, not thrown: all mistakes are named at once, each as
// "FILE:LINE: what is wrong".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/error.h"

namespace krbtrail::cli {

using Mistakes = std::vector<model::Error>;

inline constexpr std::size_t kIniFileLimit = std::size_t{4} << 20U;

struct IniEntry {
  std::string key;
  std::string value;    // the bytes that it stands for
  std::string written;  // as it stands in the file
  std::size_t line = 0;
};

struct IniSection {
  std::string name;
  std::size_t line = 0;
  std::vector<IniEntry> entries;
};

struct IniFile {
  std::string name;  // as the user named it
  std::vector<IniSection> sections;
};

// What could be read. Lines with mistakes are left out.
[[nodiscard]] IniFile parse_ini(std::string name, std::string_view text, Mistakes& mistakes);

// The file at `path`; a file that cannot be read is a mistake.
[[nodiscard]] IniFile read_ini(const std::string& path, Mistakes& mistakes);

// "FILE:LINE", where something is defined.
[[nodiscard]] std::string place_of(const IniFile& file, std::size_t line);

// "FILE:LINE: MESSAGE"
[[nodiscard]] model::Error mistake_at(const IniFile& file, std::size_t line,
                                      const std::string& message, std::string hint = {});

// The value as it has to be written so that parse_ini() gives these bytes back.
[[nodiscard]] std::string written_as_ini(std::string_view value);

}  // namespace krbtrail::cli
