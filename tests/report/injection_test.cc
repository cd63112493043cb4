// SPDX-License-Identifier: Apache-2.0
//
// Every text that an object can carry, in every format. The texts are found by themselves: an
// object with everything set is written as NDJSON, and each string of it that may be any text is
// replaced in turn. So a field that is added later is tried too.
#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "krbtrail/report/csv.h"
#include "krbtrail/report/escape.h"
#include "krbtrail/report/html.h"
#include "krbtrail/report/interchange.h"
#include "krbtrail/report/ndjson.h"
#include "krbtrail/report/ndjson_reader.h"
#include "krbtrail/report/text.h"
#include "report/samples.h"
#include "report/utf8.h"
#include "support/catch.h"
#include "support/nasty_strings.h"

namespace krbtrail::report {
namespace {

class StringDelivery final : public Delivery {
 public:
  explicit StringDelivery(std::string& text) : text_(text) {}
  [[nodiscard]] model::Status write(std::string_view bytes) override {
    text_ += bytes;
    return {};
  }
  [[nodiscard]] model::Status flush() override { return {}; }
  [[nodiscard]] model::Status finish() override { return {}; }

 private:
  std::string& text_;
};

constexpr std::array<std::string_view, 9> kFormats = {
    "text", "html", "csv", "ndjson", "ecs", "ocsf", "timesketch", "sentinel", "timesketch-csv"};

std::unique_ptr<Sink> sink_of(std::string_view format, std::string& output) {
  auto delivery = std::make_unique<StringDelivery>(output);
  if (format == "text")
    return make_text_sink(std::move(delivery),
                          {.color = false, .stats = true, .zone = {}, .spill = {}});
  if (format == "html")
    return make_html_sink(std::move(delivery), {.stats = true, .zone = {}, .spill = {}});
  if (format == "csv")
    return make_csv_sink(std::move(delivery), {});
  if (format == "ndjson")
    return make_ndjson_sink(std::move(delivery), {.stats = true});
  if (format == "ecs")
    return make_interchange_sink(std::move(delivery), Interchange::ecs);
  if (format == "ocsf")
    return make_interchange_sink(std::move(delivery), Interchange::ocsf);
  if (format == "timesketch")
    return make_interchange_sink(std::move(delivery), Interchange::timesketch);
  if (format == "sentinel")
    return make_interchange_sink(std::move(delivery), Interchange::sentinel);
  return make_interchange_sink(std::move(delivery), Interchange::timesketch_csv);
}

// One run of one object; what it is not stands as in the samples.
std::string written(std::string_view format, const NdjsonObject& object) {
  std::string output;
  const std::unique_ptr<Sink> sink = sink_of(format, output);
  model::Coverage coverage = test::full_coverage();
  model::Summary summary = test::full_summary();
  if (const auto* finding = std::get_if<model::Finding>(&object)) {
    REQUIRE(sink->push(*finding));
  } else if (const auto* incident = std::get_if<model::Incident>(&object)) {
    REQUIRE(sink->push(*incident));
  } else if (const auto* host = std::get_if<model::HostCoverage>(&object)) {
    coverage.hosts = {*host};
  } else if (const auto* totals = std::get_if<model::Coverage>(&object)) {
    coverage.notes = totals->notes;
  } else if (const auto* run = std::get_if<RunSummary>(&object)) {
    summary = run->summary;
    coverage.inputs = run->inputs;
  }
  REQUIRE(sink->close(coverage, summary));
  return output;
}

// Begin and end of each string in a line of JSON, without its quotes.
std::vector<std::pair<std::size_t, std::size_t>> strings_of(std::string_view json) {
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (std::size_t at = json.find('"'); at != std::string_view::npos; at = json.find('"', at)) {
    const std::size_t begin = ++at;
    while (json[at] != '"')
      at += json[at] == '\\' ? 2 : 1;
    places.emplace_back(begin, at++);
  }
  return places;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

// The objects that the sample becomes with one of its texts replaced by `bytes`. What must be a
// time, an id or one of a few words is refused by the reader and left alone.
std::vector<NdjsonObject> poisoned(const std::string& line, std::string_view bytes) {
  std::string text;
  append_json(text, bytes);
  std::vector<NdjsonObject> objects;
  NdjsonReader reader;
  for (const auto& [begin, end] : strings_of(line)) {
    if (line[end + 1] == ':')  // a key
      continue;
    std::string changed = line;
    changed.replace(begin, end - begin, text);
    model::Result<NdjsonObject> object = reader.read(changed);
    if (object && !std::holds_alternative<UnknownObject>(object.value()))
      objects.push_back(std::move(object.value()));
  }
  return objects;
}

bool is_line_format(std::string_view format) {
  return format != "text" && format != "html" && !format.ends_with("csv");
}

std::string first_raw_character(std::string_view output) {
  for (std::size_t at = 0; at < output.size();) {
    const CodePoint point = decode_utf8(output.substr(at));
    const bool is_line_end = output[at] == '\n' || output.substr(at).starts_with("\r\n");
    if (point.length == 0 || (!is_visible(point.value) && !is_line_end))
      return std::string{output.substr(at < 40 ? 0 : at - 40, 60)};
    at += point.length;
  }
  return {};
}

// What a backslash may stand before in a string of JSON (RFC 8259).
bool has_only_known_escapes(std::string_view text) {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    if (at + 1 == text.size() || std::string_view{"\"\\/bfnrtu"}.find(text[at + 1]) > 8)
      return false;
    at += 2;
  }
  return true;
}

// Outside of its strings a line of JSON has these characters and no others.
bool is_only_json(std::string line) {
  const auto places = strings_of(line);
  if (!has_only_known_escapes(line))
    return false;
  for (auto place = places.rbegin(); place != places.rend(); ++place)
    line.erase(place->first - 1, place->second - place->first + 2);
  return line.find_first_not_of("{}[],:0123456789.+-eEtrufalsn") == std::string::npos &&
         line.starts_with('{') && line.ends_with('}');
}

// What a spreadsheet would take for a formula, blanks in front or not; numbers are none.
bool begins_a_formula(std::string_view cell) {
  constexpr std::array<std::string_view, 9> kStarts = {
      "=", "+", "-", "@", "\t", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
  if (cell.starts_with('"'))
    cell.remove_prefix(1);
  cell.remove_prefix(std::min(cell.find_first_not_of(' '), cell.size()));
  return std::ranges::any_of(kStarts, [&](auto start) { return cell.starts_with(start); }) &&
         cell.find_first_not_of("+-0123456789.\"") != std::string_view::npos;
}

std::vector<std::string> cells_of(std::string_view row) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : row) {
    quoted = quoted != (c == '"');
    if (c == ',' && !quoted)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

// Of the nasty strings, with the character by which each would become markup.
constexpr std::array<std::string_view, 7> kMarkup = {
    "<script", "/script>", "' onmouseover", "},\"type\"", "`id`", "&&rm", "onmouseover="};

// The nasty string that forges a record has a line end in front.
bool begins_with_the_forgery(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return line.starts_with("type=SYSCALL msg=audit(1.000:1)");
}

void check(std::string_view format, const std::string& output, const std::string& benign) {
  CAPTURE(format);
  CHECK(first_raw_character(output).empty());
  const std::vector<std::string> lines = lines_of(output);
  if (is_line_format(format)) {
    CHECK(lines.size() == lines_of(benign).size());
    CHECK(std::ranges::all_of(lines, is_only_json));
  } else if (format == "html") {
    for (const std::string_view markup : kMarkup)
      CHECK(output.find(markup) == std::string::npos);
    CHECK(std::ranges::none_of(lines, begins_with_the_forgery));
  } else if (format == "text") {
    CHECK(std::ranges::none_of(lines, begins_with_the_forgery));
  } else {
    CHECK(lines.size() == lines_of(benign).size());
    for (const std::string& line : lines) {
      const std::vector<std::string> cells = cells_of(line);
      CHECK(cells.size() == cells_of(lines.front()).size());
      CHECK(std::ranges::none_of(cells, begins_a_formula));
    }
  }
}

// One line for each kind of object, everything set.
std::vector<std::string> samples() {
  std::string output;
  const std::unique_ptr<Sink> sink = sink_of("ndjson", output);
  REQUIRE(sink->push(test::full_linux_finding()));
  REQUIRE(sink->push(test::full_windows_finding()));
  REQUIRE(sink->push(test::full_incident()));
  REQUIRE(sink->close(test::full_coverage(), test::full_summary()));
  return lines_of(output);
}

// Each in front of all the others: a formula is one at the beginning of a cell only.
std::vector<std::string> hostile_texts() {
  std::string all;
  for (const test::NastyString& nasty : test::kNastyStrings)
    all += nasty.bytes;
  std::vector<std::string> texts;
  for (const std::string_view start : {"=cmd|'/C calc'!A0", "\t@SUM(1+1)", "  +1+1",
                                       "\xef\xbc\x9d"
                                       "1+1"})
    texts.push_back(std::string{start} + all);
  return texts;
}

}  // namespace

TEST_CASE("no text of an object reaches any format raw", "[report][injection]") {
  NdjsonReader reader;
  std::size_t tried = 0;
  for (const std::string& line : samples()) {
    const model::Result<NdjsonObject> sample = reader.read(line);
    REQUIRE(sample);
    for (const std::string_view format : kFormats) {
      const std::string benign = written(format, sample.value());
      check(format, benign, benign);
      for (const std::string& text : hostile_texts()) {
        for (const NdjsonObject& object : poisoned(line, text)) {
          check(format, written(format, object), benign);
          ++tried;
        }
      }
    }
  }
  // Two kinds of finding, an incident, hosts, the coverage and the summary: a hundred texts and
  // more.
  CHECK(tried > kFormats.size() * hostile_texts().size() * 100);
}

}  // namespace krbtrail::report
