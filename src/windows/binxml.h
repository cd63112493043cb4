// SPDX-License-Identifier: Apache-2.0
//
// Reads the binary XML of one EVTX chunk, record by record, down to the parts that an event is made
// of.
//
//   BinXmlReader reader{chunk};
//   if (reader.read_record(begin, end)) use(reader.items());
//   else report(reader.failure());
//
// A chunk's records share element names and templates, which lie anywhere in it: inline where they
// are used first, and referred to by offset from then on. A record is a template's instance, or
// (in logs that were forwarded or saved again) plain elements without a template. Markup may be a
// value itself.
//
// Two things that other readers get wrong (docs/FORMATS.md): the 2-byte dependency
// id of an element exists only inside a template's definition, not in a record's own elements nor
// in markup that is a value; and a value may be markup in turn, which has to be read in place.
//
// The bytes may be hostile. Offsets are held against the chunk; elements nest at most kMostDepth
// deep, markup in markup kMostEmbedding deep; an instance has at most kMostValues values; and
// what a record and a chunk may cost is limited, since crafted templates can refer to each other.
//
// Items refer to the chunk's bytes. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "binary_view.h"
#include "binxml_value.h"
#include "event_path.h"
#include "krbtrail/windows/event.h"

namespace krbtrail::windows {

inline constexpr std::size_t kMostDepth = 64;
inline constexpr std::size_t kMostEmbedding = 8;
inline constexpr std::size_t kMostValues = 4096;
// A token is a step, an item one more for every 64 bytes of its value.
inline constexpr std::size_t kRecordSteps = std::size_t{1} << 16U;
inline constexpr std::size_t kChunkSteps = std::size_t{1} << 22U;
inline constexpr std::size_t kTemplateParts = std::size_t{1} << 16U;  // of a chunk's templates
inline constexpr std::size_t kNameLimit = 64;  // longer names are no name of ours, and are cut

// A piece of an event's text. An element or attribute that has several (text, an entity, more text)
// has several items in a row, of which all but the first continue it.
struct EventItem {
  Target target = Target::none;
  Field field{};  // of Target::field
  bool continues = false;
  BinaryValue value;
};

class BinXmlReader {
 public:
  // `chunk` must outlive this object. Offsets are relative to its start.
  explicit BinXmlReader(std::string_view chunk) : chunk_(chunk) {}

  // Reads the fragment in [begin, end). False if it cannot be read to its end; the items that were
  // found until then are there.
  [[nodiscard]] bool read_record(std::size_t begin, std::size_t end);

  // Of the last record. Fields of events that are not wanted are not read.
  [[nodiscard]] const std::vector<EventItem>& items() const { return items_; }
  // Why the last record could not be read, and where in the chunk: "token 0x1b is unknown".
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::size_t failure_offset() const { return failure_offset_; }

 private:
  static constexpr int kLiteral = -1;

  // An item whose value, and whose field's name, may be a value of the instance.
  struct Part {
    EventItem item;
    Place markup = Place::ignored;  // where the value stands if it is markup
    int value = kLiteral;
    int field_name = kLiteral;  // the field is named by that value
  };
  using Parts = std::vector<Part>;

  struct Template {
    bool readable = false;
    Parts parts;
  };

  struct Element {
    Place place = Place::ignored;
    Target attribute = Target::none;
    bool in_attributes = true;
    bool attribute_begun = false;
    bool content_begun = false;
    std::string field_name;
    int field_name_value = kLiteral;
  };

  // One fragment on its way: what is open, and where the parts go.
  struct Fragment {
    BinaryCursor cursor;
    Place outermost = Place::outside;
    bool is_definition = false;
    Parts& parts;
    std::vector<Element> open = {};

    [[nodiscard]] Place place() const { return open.empty() ? outermost : open.back().place; }
  };

  struct Embedded {
    std::size_t begin = 0, end = 0;
    Place place = Place::outside;
    std::size_t depth = 0;
  };

  bool read_fragment(Fragment& fragment);
  bool read_token(Fragment& fragment, std::uint8_t token);
  bool read_open_element(Fragment& fragment, bool has_attributes);
  static bool close_element(Fragment& fragment);
  bool read_attribute(Fragment& fragment);
  bool read_value(Fragment& fragment);
  bool read_characters(Fragment& fragment);
  bool read_character(Fragment& fragment);
  bool read_entity(Fragment& fragment);
  bool read_substitution(Fragment& fragment);
  bool read_instruction(Fragment& fragment);
  bool read_instance(Fragment& fragment);
  const std::string* read_name(Fragment& fragment);
  const std::string* name_at(std::size_t offset);
  bool skip_inline_template(Fragment& fragment);
  bool read_instance_values(Fragment& fragment);

  bool put(Fragment& fragment, BinaryValue literal, int value);
  static void put_attribute(Fragment& fragment, Element& element, BinaryValue literal, int value);
  static void put_content(Fragment& fragment, Element& element, BinaryValue literal, int value);
  static void put_field(Fragment& fragment, Element& element, BinaryValue literal, int value);
  const Template* template_at(std::size_t offset, Place place);
  bool compile(std::size_t offset, Place place, Parts& parts);
  bool instantiate(const Template& definition, Parts& parts);
  bool resolve(std::size_t depth);
  void note_event_id(const BinaryValue& value);
  bool spend(std::size_t offset, std::size_t steps);
  bool ends_early(const Fragment& fragment, std::size_t need);
  bool fail(std::size_t offset, std::string what);

  std::string_view chunk_;
  std::unordered_map<std::size_t, std::string> names_;
  // By offset and place: the same definition means another thing in <EventData>.
  std::unordered_map<std::size_t, std::unique_ptr<Template>> templates_;
  std::vector<BinaryValue> values_;
  Parts parts_;
  std::vector<EventItem> items_;
  std::vector<Embedded> embedded_;
  std::optional<bool> wanted_;  // known once the event id is
  std::string failure_;
  std::size_t failure_offset_ = 0;
  std::size_t template_parts_ = 0;
  std::size_t record_steps_ = 0;
  std::size_t chunk_steps_ = 0;
};

}  // namespace krbtrail::windows
