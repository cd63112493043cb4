// SPDX-License-Identifier: Apache-2.0
//
// Writes EVTX files, whole and broken ones, from the format's description ([MS-EVEN6] 2.2.12 and
// libevtx's "Windows XML Event Log (EVTX)"): nothing of it is shared with the reader.
//
//   EvtxChunk chunk;
//   chunk.add({.event_id = 4624, .record_id = 7, .data = {{"LogonType", evtx_u32(3)}}});
//   chunk.add(event, EvtxStyle::plain);            // no template, as forwarded logs have it
//   const std::string file = evtx_file({chunk.bytes()});
//
// Damage is done to the bytes afterwards: a chunk's records start where offsets() says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace krbtrail::test {

inline constexpr std::size_t kEvtxChunkSize = 65536;
inline constexpr std::size_t kEvtxFileHeader = 4096;
inline constexpr std::size_t kEvtxFirstRecord = 512;

inline std::uint32_t evtx_crc(std::string_view bytes, std::uint32_t before = 0) {
  std::uint32_t sum = ~before;
  for (const char c : bytes) {
    sum ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit)
      sum = (sum & 1U) != 0 ? sum >> 1U ^ 0xEDB88320U : sum >> 1U;
  }
  return ~sum;
}

// `size` bytes of a number, least significant first.
inline std::string evtx_number(std::uint64_t number, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i)
    bytes += static_cast<char>(number >> (8 * i) & 0xFFU);
  return bytes;
}

inline void evtx_put(std::string& bytes, std::size_t at, std::uint64_t number, std::size_t size) {
  bytes.replace(at, size, evtx_number(number, size));
}

// ASCII as UTF-16LE; `\xNN` stands for U+00NN.
inline std::string evtx_utf16(std::string_view text) {
  std::string bytes;
  for (const char c : text)
    bytes.append({c, '\0'});
  return bytes;
}

// A value with its type's number.
struct EvtxValue {
  std::uint8_t type = 0;
  std::string bytes;
};
inline EvtxValue evtx_null() {
  return {0x00, ""};
}
inline EvtxValue evtx_text(std::string_view text) {
  return {0x01, evtx_utf16(text)};
}
inline EvtxValue evtx_u8(std::uint8_t number) {
  return {0x04, evtx_number(number, 1)};
}
inline EvtxValue evtx_u16(std::uint16_t number) {
  return {0x06, evtx_number(number, 2)};
}
inline EvtxValue evtx_u32(std::uint32_t number) {
  return {0x08, evtx_number(number, 4)};
}
inline EvtxValue evtx_u64(std::uint64_t number) {
  return {0x0a, evtx_number(number, 8)};
}
inline EvtxValue evtx_size(std::uint64_t number) {
  return {0x10, evtx_number(number, 8)};
}
inline EvtxValue evtx_hex32(std::uint32_t number) {
  return {0x14, evtx_number(number, 4)};
}
inline EvtxValue evtx_hex64(std::uint64_t number) {
  return {0x15, evtx_number(number, 8)};
}
// 100 ns since 1601.
inline EvtxValue evtx_filetime(std::uint64_t ticks) {
  return {0x11, evtx_number(ticks, 8)};
}
inline EvtxValue evtx_markup(std::string bytes) {
  return {0x21, std::move(bytes)};
}
// S-1-5-21-A-B-C-RID and the like: authority 5.
inline EvtxValue evtx_sid(const std::vector<std::uint32_t>& parts) {
  std::string bytes = "\x01" + evtx_number(parts.size(), 1) + std::string(5, '\0') + "\x05";
  for (const std::uint32_t part : parts)
    bytes += evtx_number(part, 4);
  return {0x13, bytes};
}

struct EvtxEvent {
  std::uint32_t event_id = 0;
  std::uint8_t version = 0;
  std::uint64_t record_id = 1;
  std::uint64_t header_record_id = 0;                         // 0: the same as record_id
  std::uint64_t filetime = 132'953'986'670'581'723;           // 2022-04-25T22:17:47.0581723Z
  std::string plain_time = "2022-04-25T22:17:47.058172300Z";  // of a plain record
  std::uint64_t keywords = 0x8020000000000000;
  std::string channel = "Security";
  std::string computer = "ws1.example.test";
  std::string provider = "Microsoft-Windows-Security-Auditing";
  std::vector<std::pair<std::string, EvtxValue>> data;
  std::string user_data = "";  // if set, `data` are the children of <UserData><NAME>
};

enum class EvtxStyle : std::uint8_t {
  embedded,  // a template for <Event>, whose <EventData> is markup with a template of its own
  single,    // one template for all of it
  plain,     // elements with literal text, no template at all
};

// Tokens of binary XML, written to lie at offset `base` of a chunk.
class BinXmlWriter {
 public:
  // `names` are the chunk's: name -> offset. A definition has dependency ids and its own names.
  BinXmlWriter(std::size_t base, std::map<std::string, std::size_t>& names, bool definition = false)
      : base_(base), names_(names), definition_(definition) {}

  void header() { bytes_ += std::string{"\x0f\x01\x01\x00", 4}; }
  void eof() { bytes_ += '\0'; }
  void open(const std::string& element, bool attributes = false) {
    bytes_ += static_cast<char>(attributes ? 0x41 : 0x01);
    if (definition_)
      bytes_ += "\xff\xff";
    open_.push_back(bytes_.size());
    bytes_.append(4, '\0');
    name(element);
    if (attributes) {
      attributes_ = bytes_.size();
      bytes_.append(4, '\0');
    }
  }
  void attribute(const std::string& attribute_name) {
    bytes_ += '\x06';
    name(attribute_name);
  }
  void content() {
    finish_attributes();
    bytes_ += '\x02';
  }
  void close_empty() {
    finish_attributes();
    bytes_ += '\x03';
    finish_element();
  }
  void close() {
    bytes_ += '\x04';
    finish_element();
  }
  void text(std::string_view value) {
    bytes_ += std::string{"\x05\x01", 2} + evtx_number(value.size(), 2) + evtx_utf16(value);
  }
  void cdata(std::string_view value) {
    bytes_ += '\x07' + evtx_number(value.size(), 2) + evtx_utf16(value);
  }
  void character(std::uint16_t unit) { bytes_ += '\x08' + evtx_number(unit, 2); }
  void entity(const std::string& entity_name) {
    bytes_ += '\x09';
    name(entity_name);
  }
  void value(std::size_t index, std::uint8_t type, bool optional = true) {
    bytes_ += static_cast<char>(optional ? 0x0e : 0x0d);
    bytes_ += evtx_number(index, 2) + static_cast<char>(type);
  }
  void raw(std::string_view bytes) { bytes_ += bytes; }

  [[nodiscard]] std::size_t here() const { return base_ + bytes_.size(); }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void name(const std::string& text) {
    const auto known = names_.find(text);
    if (known != names_.end()) {
      bytes_ += evtx_number(known->second, 4);
      return;
    }
    const std::size_t offset = here() + 4;
    names_[text] = offset;
    bytes_ += evtx_number(offset, 4) + evtx_number(0, 4) + evtx_number(hash(text), 2) +
              evtx_number(text.size(), 2) + evtx_utf16(text) + evtx_number(0, 2);
  }
  static std::uint64_t hash(const std::string& text) {
    std::uint32_t sum = 0;
    for (const char c : text)
      sum = sum * 65599 + static_cast<std::uint8_t>(c);
    return sum & 0xFFFFU;
  }
  void finish_attributes() {
    if (attributes_ != 0)
      evtx_put(bytes_, attributes_, bytes_.size() - attributes_ - 4, 4);
    attributes_ = 0;
  }
  void finish_element() {
    evtx_put(bytes_, open_.back(), bytes_.size() - open_.back() - 4, 4);
    open_.pop_back();
  }

  std::size_t base_;
  std::map<std::string, std::size_t>& names_;
  bool definition_;
  std::string bytes_;
  std::vector<std::size_t> open_;
  std::size_t attributes_ = 0;
};

class EvtxChunk {
 public:
  EvtxChunk() : bytes_(kEvtxFirstRecord, '\0') {}

  void add(const EvtxEvent& event, EvtxStyle style = EvtxStyle::embedded) {
    const std::size_t base = next_content();
    std::string content;
    if (style == EvtxStyle::plain)
      content = plain_event(event, base);
    else
      content = templated_event(event, base, style == EvtxStyle::embedded);
    add_record(event.header_record_id == 0 ? event.record_id : event.header_record_id,
               event.filetime, content);
  }

  // A record with any binary XML; it has to be made for next_content().
  void add_record(std::uint64_t id, std::uint64_t filetime, const std::string& content) {
    offsets_.push_back(bytes_.size());
    const std::size_t size = 24 + content.size() + 4;
    bytes_ += std::string{"**\0\0", 4} + evtx_number(size, 4) + evtx_number(id, 8) +
              evtx_number(filetime, 8) + content + evtx_number(size, 4);
  }

  [[nodiscard]] std::size_t next_content() const { return bytes_.size() + 24; }
  [[nodiscard]] std::map<std::string, std::size_t>& names() { return names_; }

  // What is added from here on lies behind the free-space offset.
  void begin_slack() { live_end_ = bytes_.size(); }

  // Where each record starts, in the chunk.
  [[nodiscard]] const std::vector<std::size_t>& offsets() const { return offsets_; }

  // 65,536 bytes with header and checksums.
  [[nodiscard]] std::string bytes() const {
    std::string chunk = bytes_;
    const std::size_t live_end = live_end_ == 0 ? bytes_.size() : live_end_;
    chunk.replace(0, 8, std::string{"ElfChnk\0", 8});
    evtx_put(chunk, 40, 128, 4);
    evtx_put(chunk, 44, offsets_.empty() ? 0 : offsets_.back(), 4);
    evtx_put(chunk, 48, live_end, 4);
    evtx_put(
        chunk, 52,
        evtx_crc(std::string_view{chunk}.substr(kEvtxFirstRecord, live_end - kEvtxFirstRecord)), 4);
    const std::uint32_t sum = evtx_crc(std::string_view{chunk}.substr(128, 384),
                                       evtx_crc(std::string_view{chunk}.substr(0, 120)));
    evtx_put(chunk, 124, sum, 4);
    chunk.resize(kEvtxChunkSize, '\0');
    return chunk;
  }

  // A template whose bytes are `definition` (written for template_content()), used with `values`.
  // `offset` is where it lies; 0 to put it here.
  std::string instance(std::size_t at, const std::string& definition, std::size_t offset,
                       const std::vector<EvtxValue>& values) {
    std::string bytes = std::string{"\x0c\x01", 2} + evtx_number(offset == 0 ? at + 10 : offset, 4);
    bytes += evtx_number(offset == 0 ? at + 10 : offset, 4);
    if (offset == 0)
      bytes += evtx_number(0, 4) + std::string(16, '\x11') + evtx_number(definition.size(), 4) +
               definition;
    bytes += evtx_number(values.size(), 4);
    for (const EvtxValue& value : values)
      bytes += evtx_number(value.bytes.size(), 2) + static_cast<char>(value.type) + '\0';
    for (const EvtxValue& value : values)
      bytes += value.bytes;
    return bytes;
  }
  // Where the definition of an instance that is written at `at` begins.
  [[nodiscard]] static std::size_t template_content(std::size_t at) { return at + 10 + 24; }

 private:
  static std::string decimal_or_text(const EvtxValue& value) {
    // Plain records are text throughout; tests give them text.
    std::string text;
    for (std::size_t i = 0; i < value.bytes.size(); i += 2)
      text += value.bytes[i];
    return text;
  }

  std::string plain_event(const EvtxEvent& event, std::size_t base) {
    BinXmlWriter xml{base, names_};
    xml.header();
    xml.open("Event", true);
    xml.attribute("xmlns");
    xml.text("http://schemas.microsoft.com/win/2004/08/events/event");
    xml.content();
    write_system(xml, event, nullptr);
    write_data(xml, event, nullptr);
    xml.close();
    xml.eof();
    return xml.bytes();
  }

  std::string templated_event(const EvtxEvent& event, std::size_t base, bool embedded) {
    std::string content{"\x0f\x01\x01\x00", 4};
    const std::size_t at = base + content.size();
    std::vector<EvtxValue> values;
    // A definition may be used long after the record that brought it: its names are its own.
    std::map<std::string, std::size_t> own_names;
    BinXmlWriter own{template_content(at), own_names, true};
    own.header();
    own.open("Event", true);
    own.attribute("xmlns");
    own.text("http://schemas.microsoft.com/win/2004/08/events/event");
    own.content();
    write_system(own, event, &values);
    if (embedded)
      own.value(values.size(), 0x21);
    else
      write_data(own, event, &values);
    own.close();
    own.eof();
    const std::string key = signature(event, embedded);
    std::size_t& offset = templates_[key];
    if (embedded) {
      values.push_back(evtx_markup(""));
      const std::size_t values_size = 4 + 4 * values.size() + bytes_of(values);
      const std::size_t inner = at + 10 + (offset == 0 ? 24 + own.bytes().size() : 0) + values_size;
      values.back() = evtx_markup(embedded_data(event, inner));
    }
    content += instance(at, own.bytes(), offset, values);
    if (offset == 0)
      offset = at + 10;
    content += '\0';
    return content;
  }

  std::string embedded_data(const EvtxEvent& event, std::size_t base) {
    std::string content{"\x0f\x01\x01\x00", 4};
    const std::size_t at = base + content.size();
    std::vector<EvtxValue> values;
    std::map<std::string, std::size_t> own_names;
    BinXmlWriter own{template_content(at), own_names, true};
    own.header();
    write_data(own, event, &values);
    own.eof();
    std::size_t& offset = templates_["data " + signature(event, false)];
    content += instance(at, own.bytes(), offset, values);
    if (offset == 0)
      offset = at + 10;
    content += '\0';
    return content;
  }

  static std::size_t bytes_of(const std::vector<EvtxValue>& values) {
    std::size_t size = 0;
    for (const EvtxValue& value : values)
      size += value.bytes.size();
    return size;
  }

  static std::string signature(const EvtxEvent& event, bool embedded) {
    std::string key = embedded ? "embedded" : "single";
    if (!embedded) {
      key += event.user_data;
      for (const auto& [name, value] : event.data)
        key += ' ' + name;
    }
    return key;
  }

  // A value of the instance, or literal text where there are no values.
  static void put(BinXmlWriter& xml, std::vector<EvtxValue>* values, const EvtxValue& value,
                  const std::string& literal) {
    if (values == nullptr) {
      xml.text(literal);
      return;
    }
    xml.value(values->size(), value.type);
    values->push_back(value);
  }

  static void element(BinXmlWriter& xml, std::vector<EvtxValue>* values, const std::string& name,
                      const EvtxValue& value, const std::string& literal) {
    xml.open(name);
    xml.content();
    put(xml, values, value, literal);
    xml.close();
  }

  static std::string hex(std::uint64_t number) {
    std::string digits;
    do {
      digits.insert(0, 1, "0123456789abcdef"[number & 0xFU]);
      number >>= 4U;
    } while (number != 0);
    return "0x" + digits;
  }

  // Plain records have the time as text.
  static void write_system(BinXmlWriter& xml, const EvtxEvent& event,
                           std::vector<EvtxValue>* values) {
    xml.open("System");
    xml.content();
    xml.open("Provider", true);
    xml.attribute("Name");
    put(xml, values, evtx_text(event.provider), event.provider);
    xml.close_empty();
    element(xml, values, "EventID", evtx_u16(static_cast<std::uint16_t>(event.event_id)),
            std::to_string(event.event_id));
    element(xml, values, "Version", evtx_u8(event.version), std::to_string(event.version));
    element(xml, values, "Keywords", evtx_hex64(event.keywords), hex(event.keywords));
    xml.open("TimeCreated", true);
    xml.attribute("SystemTime");
    put(xml, values, evtx_filetime(event.filetime), event.plain_time);
    xml.close_empty();
    element(xml, values, "EventRecordID", evtx_u64(event.record_id),
            std::to_string(event.record_id));
    element(xml, values, "Channel", evtx_text(event.channel), event.channel);
    element(xml, values, "Computer", evtx_text(event.computer), event.computer);
    xml.close();
  }

  static void write_data(BinXmlWriter& xml, const EvtxEvent& event,
                         std::vector<EvtxValue>* values) {
    const bool is_user_data = !event.user_data.empty();
    xml.open(is_user_data ? "UserData" : "EventData");
    xml.content();
    if (is_user_data) {
      xml.open(event.user_data);
      xml.content();
    }
    for (const auto& [name, value] : event.data) {
      xml.open(is_user_data ? name : "Data", !is_user_data);
      if (!is_user_data) {
        xml.attribute("Name");
        xml.text(name);
      }
      xml.content();
      put(xml, values, value, decimal_or_text(value));
      xml.close();
    }
    if (is_user_data)
      xml.close();
    xml.close();
  }

  std::string bytes_;
  std::size_t live_end_ = 0;
  std::vector<std::size_t> offsets_;
  std::map<std::string, std::size_t> names_;
  std::map<std::string, std::size_t> templates_;  // signature -> offset of the definition
};

// A file header and the chunks, one after the other.
inline std::string evtx_file(const std::vector<std::string>& chunks) {
  std::string header{"ElfFile\0", 8};
  header += evtx_number(0, 8) + evtx_number(chunks.empty() ? 0 : chunks.size() - 1, 8) +
            evtx_number(1, 8) + evtx_number(128, 4) + evtx_number(1, 2) + evtx_number(3, 2) +
            evtx_number(kEvtxFileHeader, 2) + evtx_number(chunks.size(), 2);
  header.resize(120, '\0');
  const std::uint32_t sum = evtx_crc(header);
  header += evtx_number(0, 4) + evtx_number(sum, 4);
  header.resize(kEvtxFileHeader, '\0');
  for (const std::string& chunk : chunks)
    header += chunk;
  return header;
}

}  // namespace krbtrail::test
