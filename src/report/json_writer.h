// SPDX-License-Identifier: Apache-2.0
//
// Writes JSON as it is told, straight into a string: no tree, no copies, keys in the order of
// calls.
//
//   JsonWriter json{line};
//   json.begin_object();
//   json.text("host", finding.host);             // "host":"web01"
//   json.number("score", finding.score);         // "score":null if unset
//   json.begin_array("rules");
//   for (const std::string& rule : finding.rules) json.text(rule);
//   json.end_array();
//   json.end_object();
//
// Functions that take a key belong between begin_object() and end_object(), those without one into
// an array or to the top. What is begun must be ended by the caller; nothing is checked.
// Strings are bytes and pass through append_json() or append_json_text(). `out` must outlive the
// writer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "krbtrail/model/timestamp.h"

namespace krbtrail::report {

// How text is written: as docs/SCHEMA.md says, or as other programs' formats want it.
enum class JsonText : std::uint8_t { schema, natural };

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out, JsonText text = JsonText::schema)
      : out_(out), text_(text) {}

  void begin_object();
  void begin_object(std::string_view key);
  void end_object();
  void begin_array(std::string_view key);
  void end_array();

  void text(std::string_view value);
  void text(std::string_view key, std::string_view value);
  // Leaves the key out if there is no value: what does not apply is absent.
  void text_if_any(std::string_view key, std::string_view value);
  void text_if_set(std::string_view key, const std::optional<std::string>& value);

  void time(std::string_view key, model::Timestamp value);
  void time_if_any(std::string_view key, const std::optional<model::Timestamp>& value);

  void boolean(std::string_view key, bool value);
  void number(std::string_view key, std::uint64_t value);
  void null(std::string_view key);

  // Unset is null.
  template <class Number>
  void number_or_null(std::string_view key, const std::optional<Number>& value) {
    if (value)
      integer(key, static_cast<std::int64_t>(*value));
    else
      null(key);
  }
  void number_or_null(std::string_view key, const std::optional<std::uint64_t>& value);

  // In seconds, exact: 0.854, 300.0000001.
  void seconds(std::string_view key, model::Ticks value);

 private:
  void integer(std::string_view key, std::int64_t value);
  void string(std::string_view value);
  void separate();
  void name(std::string_view key);

  std::string& out_;
  JsonText text_;
  bool first_ = true;  // whether the next element of the open object or array is its first
};

}  // namespace krbtrail::report
