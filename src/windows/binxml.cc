// SPDX-License-Identifier: Apache-2.0
#include "binxml.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "text_encoding.h"

namespace krbtrail::windows {
namespace {

using namespace std::string_view_literals;

// [MS-EVEN6] 2.2.12. The flag says that an element has attributes, or that more of the same
// follows.
constexpr std::uint8_t kEnd = 0x00;
constexpr std::uint8_t kOpenElement = 0x01;
constexpr std::uint8_t kCloseStart = 0x02;
constexpr std::uint8_t kCloseEmpty = 0x03;
constexpr std::uint8_t kEndElement = 0x04;
constexpr std::uint8_t kValue = 0x05;
constexpr std::uint8_t kAttribute = 0x06;
constexpr std::uint8_t kCharacters = 0x07;  // CDATA
constexpr std::uint8_t kCharacter = 0x08;   // &#N;
constexpr std::uint8_t kEntity = 0x09;      // &NAME;
constexpr std::uint8_t kInstructionTarget = 0x0a;
constexpr std::uint8_t kInstructionData = 0x0b;
constexpr std::uint8_t kInstance = 0x0c;
constexpr std::uint8_t kSubstitution = 0x0d;
constexpr std::uint8_t kOptionalSubstitution = 0x0e;
constexpr std::uint8_t kFragmentHeader = 0x0f;
constexpr std::uint8_t kMoreFlag = 0x40;

constexpr std::size_t kTemplateHeader = 24;  // next, GUID, size
constexpr std::size_t kTemplateSize = 20;    // where in it the size stands
constexpr std::size_t kNameHeader = 8;       // next, hash, length; a NUL follows the name

struct Entity {
  std::string_view name;
  std::string_view utf16;
};
constexpr std::array kEntities = {Entity{"amp", "&\0"sv}, Entity{"lt", "<\0"sv},
                                  Entity{"gt", ">\0"sv}, Entity{"quot", "\"\0"sv},
                                  Entity{"apos", "'\0"sv}};

BinaryValue text_value(std::string_view utf16) {
  return {static_cast<std::uint8_t>(ValueType::string), utf16};
}

bool is_markup(const BinaryValue& value) {
  return value.type == static_cast<std::uint8_t>(ValueType::binxml);
}

std::string hex_byte(std::uint8_t byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {'0', 'x', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
}

std::string plain_text(const BinaryValue& value) {
  std::string text;
  static_cast<void>(append_text(text, value));
  return text;
}

}  // namespace

bool BinXmlReader::read_record(std::size_t begin, std::size_t end) {
  items_.clear();
  embedded_.clear();
  wanted_.reset();
  record_steps_ = 0;
  embedded_.push_back({begin, end, Place::outside, 0});
  for (std::size_t i = 0; i < embedded_.size(); ++i) {
    if (i > 0 && wanted_ == false)
      return true;
    const Embedded markup = embedded_[i];
    parts_.clear();
    Fragment fragment{.cursor = {chunk_, markup.begin, markup.end},
                      .outermost = markup.place,
                      .is_definition = false,
                      .parts = parts_};
    const bool read = read_fragment(fragment);
    if (!resolve(markup.depth) || !read)
      return false;
  }
  return true;
}

void BinXmlReader::note_event_id(const BinaryValue& value) {
  const auto id = parse_number(plain_text({value.type, value.bytes.substr(0, 2 * kNameLimit)}));
  if (!wanted_ && id)
    wanted_ = *id <= 0xFFFFFFFFU && is_wanted(static_cast<std::uint32_t>(*id));
}

// Parts become items; those that are markup are left for later.
bool BinXmlReader::resolve(std::size_t depth) {
  for (const Part& part : parts_) {
    if (part.markup != Place::ignored) {
      if (!is_markup(part.item.value))
        continue;
      const auto begin = static_cast<std::size_t>(part.item.value.bytes.data() - chunk_.data());
      if (depth + 1 > kMostEmbedding)
        return fail(begin, "markup is nested too deeply: more than 8 levels");
      embedded_.push_back({begin, begin + part.item.value.bytes.size(), part.markup, depth + 1});
    } else {
      items_.push_back(part.item);
      if (part.item.target == Target::event_id)
        note_event_id(part.item.value);
    }
  }
  return true;
}

bool BinXmlReader::spend(std::size_t offset, std::size_t steps) {
  record_steps_ += steps;
  chunk_steps_ += steps;
  if (record_steps_ > kRecordSteps)
    return fail(offset, "the record is too complex: more than 65536 parts");
  if (chunk_steps_ > kChunkSteps)
    return fail(offset, "the chunk is too complex: more than 4194304 parts");
  return true;
}

bool BinXmlReader::fail(std::size_t offset, std::string what) {
  failure_offset_ = offset;
  failure_ = std::move(what);
  return false;
}

bool BinXmlReader::ends_early(const Fragment& fragment, std::size_t need) {
  return fail(fragment.cursor.at(), "binary XML ends early: need " + std::to_string(need) +
                                        " bytes, have " + std::to_string(fragment.cursor.left()));
}

bool BinXmlReader::read_fragment(Fragment& fragment) {
  while (true) {
    const std::size_t offset = fragment.cursor.at();
    const auto token = fragment.cursor.take<std::uint8_t>();
    if (!token)
      return fragment.open.empty() || ends_early(fragment, 1);
    if (*token == kEnd)
      return true;
    if (!spend(offset, 1) || !read_token(fragment, *token))
      return false;
  }
}

bool BinXmlReader::read_token(Fragment& fragment, std::uint8_t token) {
  switch (token & static_cast<std::uint8_t>(~kMoreFlag)) {
    case kOpenElement:
      return read_open_element(fragment, (token & kMoreFlag) != 0);
    case kCloseStart:
      if (fragment.open.empty())
        break;
      fragment.open.back().in_attributes = false;
      return true;
    case kCloseEmpty:
    case kEndElement:
      if (fragment.open.empty())
        break;
      return close_element(fragment);
    case kValue:
      return read_value(fragment);
    case kAttribute:
      if (fragment.open.empty())
        break;
      return read_attribute(fragment);
    case kCharacters:
      return read_characters(fragment);
    case kCharacter:
      return read_character(fragment);
    case kEntity:
      return read_entity(fragment);
    case kInstructionTarget:
      return read_name(fragment) != nullptr;
    case kInstructionData:
      return read_instruction(fragment);
    case kInstance:
      if (fragment.is_definition)
        break;
      return read_instance(fragment);
    case kSubstitution:
    case kOptionalSubstitution:
      if (!fragment.is_definition)
        break;
      return read_substitution(fragment);
    case kFragmentHeader:
      return fragment.cursor.skip(3) || ends_early(fragment, 3);
    default:
      return fail(fragment.cursor.at() - 1, "token " + hex_byte(token) + " is unknown");
  }
  return fail(fragment.cursor.at() - 1, "token " + hex_byte(token) + " is out of place");
}

bool BinXmlReader::read_open_element(Fragment& fragment, bool has_attributes) {
  constexpr std::size_t kDependencyId = 2;
  constexpr std::size_t kSize = 4;
  if (fragment.open.size() == kMostDepth)
    return fail(fragment.cursor.at() - 1, "elements are nested too deeply: more than 64 levels");
  const std::size_t before_name = (fragment.is_definition ? kDependencyId : 0) + kSize;
  if (!fragment.cursor.skip(before_name))
    return ends_early(fragment, before_name);
  const std::string* name = read_name(fragment);
  if (name == nullptr)
    return false;
  if (has_attributes && !fragment.cursor.skip(kSize))
    return ends_early(fragment, kSize);
  Element element;
  element.place = place_of_child(fragment.place(), *name);
  if (element.place == Place::user_field)
    element.field_name = *name;
  fragment.open.push_back(std::move(element));
  return true;
}

bool BinXmlReader::close_element(Fragment& fragment) {
  Element& element = fragment.open.back();
  element.in_attributes = false;
  // <Data Name="X"/> is a field without text, not a field that is missing.
  if (!element.content_begun && target_of_content(element.place) == Target::field)
    put_field(fragment, element, {}, kLiteral);
  fragment.open.pop_back();
  return true;
}

bool BinXmlReader::read_attribute(Fragment& fragment) {
  const std::string* name = read_name(fragment);
  if (name == nullptr)
    return false;
  Element& element = fragment.open.back();
  element.attribute = target_of_attribute(element.place, *name);
  element.attribute_begun = false;
  return true;
}

bool BinXmlReader::read_value(Fragment& fragment) {
  const std::size_t offset = fragment.cursor.at();
  const auto type = fragment.cursor.take<std::uint8_t>();
  if (!type)
    return ends_early(fragment, 1);
  if (*type == static_cast<std::uint8_t>(ValueType::string))
    return read_characters(fragment);
  const std::size_t size = fixed_size(static_cast<ValueType>(*type));
  if (size == 0)
    return fail(offset, "a literal of type " + hex_byte(*type) + " is unknown");
  const auto bytes = fragment.cursor.take_bytes(size);
  return bytes ? put(fragment, {*type, *bytes}, kLiteral) : ends_early(fragment, size);
}

bool BinXmlReader::read_characters(Fragment& fragment) {
  const auto length = fragment.cursor.take<std::uint16_t>();
  if (!length)
    return ends_early(fragment, 2);
  const std::size_t size = std::size_t{2} * *length;
  const auto bytes = fragment.cursor.take_bytes(size);
  return bytes ? put(fragment, text_value(*bytes), kLiteral) : ends_early(fragment, size);
}

bool BinXmlReader::read_character(Fragment& fragment) {
  const auto bytes = fragment.cursor.take_bytes(2);
  return bytes ? put(fragment, text_value(*bytes), kLiteral) : ends_early(fragment, 2);
}

// An entity that XML does not define has no text; Windows writes none.
bool BinXmlReader::read_entity(Fragment& fragment) {
  const std::string* name = read_name(fragment);
  if (name == nullptr)
    return false;
  const auto* const found = std::ranges::find(kEntities, *name, &Entity::name);
  return found == kEntities.end() || put(fragment, text_value(found->utf16), kLiteral);
}

bool BinXmlReader::read_substitution(Fragment& fragment) {
  const auto value = fragment.cursor.take<std::uint16_t>();
  if (!value || !fragment.cursor.skip(1))
    return ends_early(fragment, 3);
  if (*value >= kMostValues)
    return fail(fragment.cursor.at() - 3, "a template asks for more than 4096 values");
  return put(fragment, {}, *value);
}

bool BinXmlReader::read_instruction(Fragment& fragment) {
  const auto length = fragment.cursor.take<std::uint16_t>();
  if (!length)
    return ends_early(fragment, 2);
  const std::size_t size = std::size_t{2} * *length;
  return fragment.cursor.skip(size) || ends_early(fragment, size);
}

// The offset of a name; the name itself follows where the offset is that of the next byte.
const std::string* BinXmlReader::read_name(Fragment& fragment) {
  const auto offset = fragment.cursor.take<std::uint32_t>();
  if (!offset) {
    ends_early(fragment, 4);
    return nullptr;
  }
  const bool is_inline = *offset == fragment.cursor.at();
  const std::string* name = name_at(*offset);
  if (name == nullptr || !is_inline)
    return name;
  const std::size_t length = number_at<std::uint16_t>(chunk_, *offset + kNameHeader - 2);
  const std::size_t size = kNameHeader + 2 * length + 2;
  if (fragment.cursor.skip(size))
    return name;
  ends_early(fragment, size);
  return nullptr;
}

const std::string* BinXmlReader::name_at(std::size_t offset) {
  if (const auto known = names_.find(offset); known != names_.end())
    return &known->second;
  if (!holds(chunk_, offset, kNameHeader)) {
    fail(offset, "a name lies outside the chunk");
    return nullptr;
  }
  const std::size_t length = number_at<std::uint16_t>(chunk_, offset + kNameHeader - 2);
  if (!holds(chunk_, offset + kNameHeader, 2 * length)) {
    fail(offset, "a name of " + std::to_string(length) + " letters reaches past the chunk");
    return nullptr;
  }
  std::string name;
  append_utf16(name, chunk_.substr(offset + kNameHeader, 2 * std::min(length, kNameLimit)));
  return &names_.emplace(offset, std::move(name)).first->second;
}

// Text or a value where the fragment stands: in an attribute, in an element, or outside of all.
bool BinXmlReader::put(Fragment& fragment, BinaryValue literal, int value) {
  if (fragment.is_definition && fragment.parts.size() + template_parts_ >= kTemplateParts)
    return fail(fragment.cursor.at(),
                "the chunk's templates are too complex: more than 65536 parts");
  if (fragment.open.empty()) {
    if (value != kLiteral)
      fragment.parts.push_back({.item = {}, .markup = fragment.outermost, .value = value});
    return true;
  }
  Element& element = fragment.open.back();
  if (element.in_attributes)
    put_attribute(fragment, element, literal, value);
  else
    put_content(fragment, element, literal, value);
  return true;
}

void BinXmlReader::put_attribute(Fragment& fragment, Element& element, BinaryValue literal,
                                 int value) {
  if (element.attribute == Target::none)
    return;
  if (element.attribute != Target::data_name) {
    fragment.parts.push_back({.item = {.target = element.attribute,
                                       .continues = element.attribute_begun,
                                       .value = literal},
                              .value = value});
    element.attribute_begun = true;
  } else if (value != kLiteral) {
    element.field_name_value = value;
  } else if (element.field_name.size() < kNameLimit) {
    element.field_name += plain_text({literal.type, literal.bytes.substr(0, 2 * kNameLimit)});
  }
}

void BinXmlReader::put_content(Fragment& fragment, Element& element, BinaryValue literal,
                               int value) {
  const Target target = target_of_content(element.place);
  if (target == Target::field)
    return put_field(fragment, element, literal, value);
  if (target != Target::none)
    fragment.parts.push_back(
        {.item = {.target = target, .continues = element.content_begun, .value = literal},
         .value = value});
  else if (value != kLiteral && holds_elements(element.place))
    fragment.parts.push_back({.item = {}, .markup = element.place, .value = value});
  element.content_begun = true;
}

void BinXmlReader::put_field(Fragment& fragment, Element& element, BinaryValue literal, int value) {
  const bool continues = std::exchange(element.content_begun, true);
  Part part{.item = {.target = Target::field, .continues = continues, .value = literal},
            .value = value,
            .field_name = element.field_name_value};
  if (part.field_name == kLiteral) {
    const std::optional<Field> field = field_of(element.field_name);
    if (!field)
      return;
    part.item.field = *field;
  }
  fragment.parts.push_back(part);
}

bool BinXmlReader::read_instance(Fragment& fragment) {
  constexpr std::size_t kHeader = 5;  // a byte nobody knows, the template's id
  const auto header = fragment.cursor.take_bytes(kHeader);
  const auto offset = fragment.cursor.take<std::uint32_t>();
  if (!header || !offset)
    return ends_early(fragment, kHeader + 4);
  if (*offset == fragment.cursor.at() && !skip_inline_template(fragment))
    return false;
  if (!read_instance_values(fragment))
    return false;
  const Template* definition = template_at(*offset, fragment.place());
  return definition != nullptr && instantiate(*definition, fragment.parts);
}

bool BinXmlReader::skip_inline_template(Fragment& fragment) {
  const auto header = fragment.cursor.take_bytes(kTemplateHeader);
  if (!header)
    return ends_early(fragment, kTemplateHeader);
  const auto size = number_at<std::uint32_t>(*header, kTemplateSize);
  return fragment.cursor.skip(size) || ends_early(fragment, size);
}

bool BinXmlReader::read_instance_values(Fragment& fragment) {
  constexpr std::size_t kDescriptor = 4;  // size, type, a zero
  values_.clear();
  const auto count = fragment.cursor.take<std::uint32_t>();
  if (!count)
    return ends_early(fragment, 4);
  if (*count > kMostValues)
    return fail(fragment.cursor.at() - 4, "a record has " + std::to_string(*count) +
                                              " values, more than the 4096 that are read");
  const auto descriptors = fragment.cursor.take_bytes(kDescriptor * *count);
  if (!descriptors)
    return ends_early(fragment, kDescriptor * *count);
  for (std::size_t i = 0; i < *count; ++i) {
    const auto size = number_at<std::uint16_t>(*descriptors, kDescriptor * i);
    const auto bytes = fragment.cursor.take_bytes(size);
    if (!bytes)
      return ends_early(fragment, size);
    values_.push_back({number_at<std::uint8_t>(*descriptors, kDescriptor * i + 2), *bytes});
  }
  return true;
}

const BinXmlReader::Template* BinXmlReader::template_at(std::size_t offset, Place place) {
  constexpr unsigned kPlaceBits = 5;
  auto& known = templates_[offset << kPlaceBits | static_cast<std::size_t>(place)];
  if (!known) {
    known = std::make_unique<Template>();
    known->readable = compile(offset, place, known->parts);
    if (!known->readable)
      known->parts = {};
    template_parts_ += known->parts.size();
  } else if (!known->readable) {
    fail(offset, "the record's template could not be read");
  }
  return known->readable ? known.get() : nullptr;
}

bool BinXmlReader::compile(std::size_t offset, Place place, Parts& parts) {
  if (!holds(chunk_, offset, kTemplateHeader))
    return fail(offset, "a template lies outside the chunk");
  const std::size_t size = number_at<std::uint32_t>(chunk_, offset + kTemplateSize);
  const std::size_t begin = offset + kTemplateHeader;
  if (!holds(chunk_, begin, size))
    return fail(offset, "a template of " + std::to_string(size) + " bytes reaches past the chunk");
  Fragment fragment{.cursor = {chunk_, begin, begin + size},
                    .outermost = place,
                    .is_definition = true,
                    .parts = parts};
  return read_fragment(fragment);
}

bool BinXmlReader::instantiate(const Template& definition, Parts& parts) {
  for (const Part& part : definition.parts) {
    Part resolved = part;
    if (part.value != kLiteral) {
      const auto index = static_cast<std::size_t>(part.value);
      // A value that the instance does not have is an empty one, as for Windows.
      resolved.item.value = index < values_.size() ? values_[index] : BinaryValue{};
    }
    if (!spend(0, 1 + resolved.item.value.bytes.size() / 64))
      return false;
    if (part.field_name != kLiteral) {
      const auto index = static_cast<std::size_t>(part.field_name);
      const bool is_name = index < values_.size() && values_[index].bytes.size() <= 2 * kNameLimit;
      const auto field = is_name ? field_of(plain_text(values_[index])) : std::nullopt;
      if (!field)
        continue;
      resolved.item.field = *field;
    }
    parts.push_back(resolved);
  }
  return true;
}

}  // namespace krbtrail::windows
