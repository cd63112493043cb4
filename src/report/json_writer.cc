// SPDX-License-Identifier: Apache-2.0
#include "report/json_writer.h"

#include "krbtrail/report/escape.h"

namespace krbtrail::report {

void JsonWriter::begin_object() {
  separate();
  out_ += '{';
  first_ = true;
}

void JsonWriter::begin_object(std::string_view key) {
  name(key);
  out_ += '{';
  first_ = true;
}

void JsonWriter::end_object() {
  out_ += '}';
  first_ = false;
}

void JsonWriter::begin_array(std::string_view key) {
  name(key);
  out_ += '[';
  first_ = true;
}

void JsonWriter::end_array() {
  out_ += ']';
  first_ = false;
}

void JsonWriter::text(std::string_view value) {
  separate();
  string(value);
}

void JsonWriter::text(std::string_view key, std::string_view value) {
  name(key);
  string(value);
}

void JsonWriter::text_if_any(std::string_view key, std::string_view value) {
  if (!value.empty())
    text(key, value);
}

void JsonWriter::text_if_set(std::string_view key, const std::optional<std::string>& value) {
  if (value)
    text(key, *value);
}

void JsonWriter::time(std::string_view key, model::Timestamp value) {
  text(key, model::format_utc(value));
}

void JsonWriter::time_if_any(std::string_view key, const std::optional<model::Timestamp>& value) {
  if (value)
    time(key, *value);
}

void JsonWriter::boolean(std::string_view key, bool value) {
  name(key);
  out_ += value ? "true" : "false";
}

void JsonWriter::number(std::string_view key, std::uint64_t value) {
  name(key);
  out_ += std::to_string(value);
}

void JsonWriter::null(std::string_view key) {
  name(key);
  out_ += "null";
}

void JsonWriter::number_or_null(std::string_view key, const std::optional<std::uint64_t>& value) {
  if (value)
    number(key, *value);
  else
    null(key);
}

void JsonWriter::seconds(std::string_view key, model::Ticks value) {
  name(key);
  const bool negative = value < model::Ticks::zero();
  const auto ticks = negative ? 0 - static_cast<std::uint64_t>(value.count())
                              : static_cast<std::uint64_t>(value.count());
  constexpr auto kPerSecond = static_cast<std::uint64_t>(model::Ticks::period::den);
  out_ += negative ? "-" : "";
  out_ += std::to_string(ticks / kPerSecond);
  std::string fraction = std::to_string(kPerSecond + ticks % kPerSecond);  // "1" and seven digits
  fraction.front() = '.';
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (fraction != ".")
    out_ += fraction;
}

void JsonWriter::integer(std::string_view key, std::int64_t value) {
  name(key);
  out_ += std::to_string(value);
}

void JsonWriter::string(std::string_view value) {
  out_ += '"';
  if (text_ == JsonText::schema)
    append_json(out_, value);
  else
    append_json_text(out_, value);
  out_ += '"';
}

void JsonWriter::separate() {
  if (!first_)
    out_ += ',';
  first_ = false;
}

void JsonWriter::name(std::string_view key) {
  separate();
  out_ += '"';
  out_ += key;
  out_ += "\":";
}

}  // namespace krbtrail::report
