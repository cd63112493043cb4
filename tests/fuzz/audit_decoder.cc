// SPDX-License-Identifier: Apache-2.0
//
// libauparse behind our decoder: each line of the input is the body of a record, its first byte the
// type. Nothing that comes out is longer than what went in, and it is the same the second time,
// whatever was decoded in between.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "krbtrail/audit/decoder.h"

namespace krbtrail::fuzz {
namespace {

constexpr std::size_t kMostRecords = 32;
constexpr std::string_view kHead = "type=X msg=audit(1700000000.123:42): ";
// Those that libauparse reads by rules of their own, and one that it does not know.
constexpr std::array<std::uint16_t, 16> kTypes = {1300, 1302, 1307, 1309, 1327, 1306, 1400, 1334,
                                                  1105, 1112, 1006, 1305, 1318, 1336, 1337, 9999};

std::vector<std::string> records_of(std::string_view input) {
  std::vector<std::string> texts;
  for (; !input.empty() && texts.size() < kMostRecords;) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    texts.push_back(std::string{kHead} + std::string{input.substr(0, end)});
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  return texts;
}

std::string in_full(const audit::DecodedEvent& event) {
  std::string text;
  for (const audit::DecodedRecord& record : event.records) {
    for (const auto* fields : {&record.fields, &record.enriched}) {
      for (const audit::Field& field : *fields)
        text.append(field.name).append("=").append(field.raw).append("=").append(field.value) +=
            '\n';
    }
  }
  return text;
}

void check(const audit::DecodedEvent& event) {
  for (const audit::DecodedRecord& record : event.records) {
    for (const audit::Field& field : record.fields) {
      require(field.name.size() <= record.text.size(), "a name is a part of its record");
      require(field.raw.size() <= record.text.size(), "a field is a part of its record");
      require(field.value.size() <= field.raw.size(), "decoding makes nothing longer");
    }
    for (const audit::Field& field : record.enriched)
      require(field.value.size() <= record.text.size(), "an enriched value is the record's");
    static_cast<void>(record.number("pid"));
    static_cast<void>(record.hex("a0"));
  }
}

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace krbtrail;
  const auto texts = fuzz::records_of({reinterpret_cast<const char*>(data), size});
  std::vector<audit::Record> records;
  for (const std::string& text : texts) {
    const auto choice = static_cast<unsigned char>(
        text.size() > fuzz::kHead.size() ? text[fuzz::kHead.size()] : '\0');
    records.push_back({.type = audit::RecordType{fuzz::kTypes.at(choice % fuzz::kTypes.size())},
                       .body = static_cast<std::uint16_t>(fuzz::kHead.size() + 1),
                       .text = text,
                       .origin = {}});
    if (text.size() == fuzz::kHead.size())
      records.back().body = static_cast<std::uint16_t>(fuzz::kHead.size());
  }
  model::Coverage coverage;
  audit::Decoder decoder{coverage};
  const audit::Event event{.key = {}, .records = records};
  const audit::DecodedEvent& decoded = decoder.decode(event);
  fuzz::check(decoded);
  const std::string once = fuzz::in_full(decoded);
  fuzz::require(once == fuzz::in_full(decoder.decode(event)), "decoding keeps no state");
  return 0;
}
