// SPDX-License-Identifier: Apache-2.0
#include "report/json_writer.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "support/catch.h"

namespace {

using krbtrail::model::Ticks;
using krbtrail::report::JsonWriter;

TEST_CASE("commas stand between members and nowhere else", "[report][json_writer]") {
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  json.begin_array("empty");
  json.end_array();
  json.begin_array("texts");
  json.text("a");
  json.text("b");
  json.end_array();
  json.begin_object("object");
  json.end_object();
  json.begin_array("objects");
  json.begin_object();
  json.boolean("yes", true);
  json.boolean("no", false);
  json.end_object();
  json.begin_object();
  json.end_object();
  json.end_array();
  json.null("none");
  json.end_object();
  CHECK(out ==
        R"({"empty":[],"texts":["a","b"],"object":{},"objects":[{"yes":true,"no":false},{}],)"
        R"("none":null})");
}

TEST_CASE("an unset number is null, an unset text is absent", "[report][json_writer]") {
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  json.number_or_null("unset", std::optional<std::uint32_t>{});
  json.number_or_null("negative", std::optional{-15});
  json.number_or_null("large", std::optional{std::numeric_limits<std::uint64_t>::max()});
  json.text_if_any("empty", "");
  json.text_if_set("absent", std::nullopt);
  json.text_if_set("set but empty", std::optional<std::string>{""});
  json.time_if_any("no time", std::nullopt);
  json.end_object();
  CHECK(out == R"({"unset":null,"negative":-15,"large":18446744073709551615,"set but empty":""})");
}

TEST_CASE("seconds are exact to the tick", "[report][json_writer]") {
  const auto [ticks, expected] = GENERATE(table<std::int64_t, std::string>({
      {0, "0"},
      {1, "0.0000001"},
      {8'540'000, "0.854"},
      {3'000'000'000, "300"},
      {3'000'000'001, "300.0000001"},  // the first span past the rule's five minutes
      {-15'000'000, "-1.5"},           // a service that precedes its logon
      {-1, "-0.0000001"},
      {std::numeric_limits<std::int64_t>::min(), "-922337203685.4775808"},
  }));
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  json.seconds("s", Ticks{ticks});
  json.end_object();
  CHECK(out == R"({"s":)" + expected + "}");
}

}  // namespace
