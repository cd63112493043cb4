// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <array>
#include <string>
#include <vector>

#include "support/catch.h"

namespace krbtrail::cli {
namespace {

using Words = std::vector<std::string>;

constexpr std::array<std::string_view, 3> kFormats{"text", "ndjson", "csv"};
constexpr std::array<Option, 6> kOptions{{
    {.name = "format", .value = "FORMAT", .fallback = "text", .words = kFormats},
    {.name = "output", .letter = 'o', .value = "FILE"},
    {.name = "host", .value = "NAME", .repeatable = true},
    {.name = "hostname", .value = "NAME"},
    {.name = "display-zone", .value = "ZONE"},
    {.name = "stats"},
}};

model::Error error_of(const Words& words) {
  const auto arguments = parse_arguments(kOptions, words);
  REQUIRE_FALSE(arguments);
  return arguments.error();
}

TEST_CASE("options and operands may stand in any order", "[cli][options]") {
  const auto arguments =
      parse_arguments(kOptions, {"a.log", "--format", "csv", "-", "--stats", "-oout", "b.log"});
  REQUIRE(arguments);
  CHECK(arguments.value().operands() == Words{"a.log", "-", "b.log"});
  CHECK(arguments.value().value("format") == "csv");
  CHECK(arguments.value().value("output") == "out");
  CHECK(arguments.value().has("stats"));
}

TEST_CASE("what is not given has its fallback or nothing", "[cli][options]") {
  const auto arguments = parse_arguments(kOptions, {});
  REQUIRE(arguments);
  CHECK(arguments.value().operands().empty());
  CHECK(arguments.value().value("format") == "text");
  CHECK_FALSE(arguments.value().has("format"));
  CHECK_FALSE(arguments.value().value("output"));
  CHECK(arguments.value().values("host").empty());
}

TEST_CASE("GNU's ways of writing an option are taken", "[cli][options]") {
  const auto [words, name, value] = GENERATE(table<Words, std::string, std::string>({
      {{"--format=csv"}, "format", "csv"},
      {{"--format", "csv"}, "format", "csv"},
      {{"--form", "csv"}, "format", "csv"},  // an unambiguous beginning
      {{"--host", "a"}, "host", "a"},        // a whole name beats a beginning
      {{"--output", "-"}, "output", "-"},
      {{"--display-zone", "-05:00"}, "display-zone", "-05:00"},  // a value may begin with a dash
      {{"--output=--stats"}, "output", "--stats"},
      {{"--output=a=b"}, "output", "a=b"},
      {{"--output=\xff\x01"}, "output", "\xff\x01"},  // bytes stay bytes
  }));
  CAPTURE(words);
  const auto arguments = parse_arguments(kOptions, words);
  REQUIRE(arguments);
  CHECK(arguments.value().value(name) == value);
  CHECK(arguments.value().operands().empty());
}

TEST_CASE("two dashes end the options", "[cli][options]") {
  const auto arguments = parse_arguments(kOptions, {"--stats", "--", "--format", "-x"});
  REQUIRE(arguments);
  CHECK(arguments.value().operands() == Words{"--format", "-x"});
}

TEST_CASE("an operand may be empty or hold any bytes", "[cli][options]") {
  const auto arguments = parse_arguments(kOptions, {"", "\xff\n"});
  REQUIRE(arguments);
  CHECK(arguments.value().operands() == Words{"", "\xff\n"});
}

TEST_CASE("a repeatable option keeps every value in its order", "[cli][options]") {
  const auto arguments = parse_arguments(kOptions, {"--host", "b", "--host=a"});
  REQUIRE(arguments);
  CHECK(arguments.value().values("host") == Words{"b", "a"});
}

TEST_CASE("a wrong option is named and the nearest spelling offered", "[cli][options]") {
  const auto [words, message, hint] = GENERATE(table<Words, std::string, std::string>({
      {{"--fromat=csv"}, "unknown option '--fromat'", "did you mean --format?"},
      {{"--shape"}, "unknown option '--shape'", "--help lists the options"},
      {{"-x"}, "unknown option '-x'", "--help lists the options"},
      {{"--hos", "a"}, "'--hos' may mean several options", "one of --host, --hostname"},
      {{"--format"}, "--format needs a value", ""},
      {{"--format="}, "--format needs a value", ""},
      {{"--format", "--stats"},  // as getopt_long has it: the value is whatever comes next
       "unknown value of --format '--stats'",
       "one of text, ndjson, csv"},
      {{"--stats=1"}, "--stats takes no value", ""},
      {{"--format", "csv", "--format", "text"}, "--format is given twice", ""},
      {{"--stats", "--stats"}, "--stats is given twice", ""},
      {{"--format", "cvs"}, "unknown value of --format 'cvs'", "did you mean csv?"},
      {{"--format", "html"}, "unknown value of --format 'html'", "one of text, ndjson, csv"},
  }));
  CAPTURE(words);
  const model::Error error = error_of(words);
  CHECK(error.message == message);
  CHECK(error.hint == hint);
}

}  // namespace
}  // namespace krbtrail::cli
