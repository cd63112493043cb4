// SPDX-License-Identifier: Apache-2.0
#include "cli/line_reader.h"

#include <cstddef>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/memory_source.h"

namespace krbtrail::cli {
namespace {

// "1:text" of each line, "2!" of one that is too long.
std::vector<std::string> lines_of(const std::string& bytes, std::size_t piece,
                                  std::size_t limit = 10) {
  test::MemorySource source{bytes, {.pieces = {piece}}};
  LineReader reader{source, limit};
  std::vector<std::string> lines;
  while (const auto line = reader.next())
    lines.push_back(std::to_string(line->number) +
                    (line->too_long ? "!" : ":" + std::string{line->text}));
  CHECK(reader.status());
  CHECK(reader.bytes_read() == bytes.size());
  return lines;
}

TEST_CASE("lines are cut at their ends, however the bytes come", "[cli][line_reader]") {
  using Lines = std::vector<std::string>;
  const auto [bytes, expected, why] = GENERATE(table<std::string, Lines, std::string>({
      {"", {}, "nothing"},
      {"a\nb\n", {"1:a", "2:b"}, "two lines"},
      {"a\nb", {"1:a", "2:b"}, "the last end is lacking"},
      {"\n\na", {"1:", "2:", "3:a"}, "empty lines have numbers"},
      {"a\r\nb\r\n", {"1:a", "2:b"}, "CRLF"},
      {"\xef\xbb\xbf"
       "a\n\xef\xbb\xbf\n",
       {"1:a", "2:\xef\xbb\xbf"},
       "a byte order mark at the beginning alone"},
      {"0123456789\na", {"1:0123456789", "2:a"}, "as long as it may be"},
      {"0123456789A\na", {"1!", "2:a"}, "one longer"},
      {std::string(1'000, 'x') + "\na", {"1!", "2:a"}, "much longer"},
      {"a\n" + std::string(1'000, 'x'), {"1:a", "2!"}, "much longer at the end"},
  }));
  const std::size_t piece = GENERATE(1U, 3U, 7U, 100'000U);
  CAPTURE(why, piece);
  CHECK(lines_of(bytes, piece) == expected);
}

}  // namespace
}  // namespace krbtrail::cli
