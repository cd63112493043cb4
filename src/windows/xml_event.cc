// SPDX-License-Identifier: Apache-2.0
#include "xml_event.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <string_view>
#include <utility>

#include <pugixml.hpp>

#include "event_draft.h"
#include "event_path.h"
#include "text_encoding.h"

namespace krbtrail::windows {
namespace {

bool is_text(const pugi::xml_node& node) {
  return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
}

// strcmp() with a word of four letters, without the call.
// NOLINTNEXTLINE(modernize-avoid-c-arrays): a literal
bool is_word(const char* text, const char (&word)[5]) {
  return text[0] == word[0] && text[1] == word[1] && text[2] == word[2] && text[3] == word[3] &&
         text[4] == '\0';
}

// A value may itself hold elements that its exporter did not escape: their text is part of it.
// Four levels are more than any such value was seen to have.
constexpr int kMarkupInText = 4;

void append_text_of(const pugi::xml_node& node, std::string& text, int depth) {
  for (const pugi::xml_node child : node.children()) {
    if (text.size() >= kFieldLimit)
      return;
    if (is_text(child))
      text += child.value();
    else if (depth > 0)
      append_text_of(child, text, depth - 1);
  }
}

// The node's text: its only child's as a rule, otherwise put together in `joined`.
std::string_view text_of(const pugi::xml_node& node, std::string& joined) {
  const pugi::xml_node child = node.first_child();
  if (!child)
    return {};
  if (is_text(child) && !child.next_sibling())
    return std::string_view{child.value()}.substr(0, kFieldLimit);
  joined.clear();
  append_text_of(node, joined, kMarkupInText);
  return std::string_view{joined}.substr(0, kFieldLimit);
}

// Walks by first child and next sibling: pugixml's iterators are calls into it for every step.
class ElementReader {
 public:
  explicit ElementReader(WindowsEvent& event) : event_(event) {}

  void read_children(const pugi::xml_node& parent, Place parent_place) {
    for (pugi::xml_node node = parent.first_child(); !node.empty(); node = node.next_sibling()) {
      const Place place = place_of(node, parent_place);
      if (place != Place::ignored && !is_needless(place))
        read(node, place);
    }
  }

 private:
  // Most elements are <Data>: the length of their name need not be counted.
  static Place place_of(const pugi::xml_node& node, Place parent) {
    const char* const name = node.name();
    if (parent == Place::event_data)
      return is_word(name, "Data") ? Place::data : Place::ignored;
    return place_of_child(parent, name);
  }

  static const char* name_of_data(const pugi::xml_node& node) {
    pugi::xml_attribute attribute = node.first_attribute();
    while (!attribute.empty() && !is_word(attribute.name(), "Name"))
      attribute = attribute.next_attribute();
    return attribute.value();
  }

  // The fields of an event that is only counted. What says which one it is stands before them.
  [[nodiscard]] bool is_needless(Place place) const {
    return (place == Place::event_data || place == Place::user_data) && event_.event_id != 0 &&
           !is_wanted(event_.event_id);
  }

  void read(const pugi::xml_node& node, Place place) {
    if (place == Place::data)
      return read_field(node, name_of_data(node));
    if (place == Place::user_field)
      return read_field(node, node.name());
    if (place == Place::provider || place == Place::time_created)
      read_attributes(node, place);
    const Target target = target_of_content(place);
    if (target != Target::none)
      set_head(event_, target, text_of(node, joined_));
    else if (holds_elements(place))
      read_children(node, place);
  }

  void read_attributes(const pugi::xml_node& node, Place place) {
    for (pugi::xml_attribute attribute = node.first_attribute(); !attribute.empty();
         attribute = attribute.next_attribute()) {
      const Target target = target_of_attribute(place, attribute.name());
      if (target != Target::none)
        set_head(event_, target, attribute.value());
    }
  }

  void read_field(const pugi::xml_node& node, std::string_view name) {
    if (const auto field = field_of(name))
      event_.set(*field, text_of(node, joined_));
  }

  WindowsEvent& event_;
  std::string joined_;
};

// pugixml takes an element for shorter where malloc() has nothing left to give; operator new does
// not come back to it.
void take_memory_from_new() {
  pugi::set_memory_management_functions([](std::size_t size) { return ::operator new(size); },
                                        [](void* bytes) { ::operator delete(bytes); });
}

// A NUL would end the text for the parser.
bool replace_nuls(std::string& text) {
  bool replaced = false;
  for (std::size_t at = text.find('\0'); at != std::string::npos; at = text.find('\0', at)) {
    text[at] = ' ';
    replaced = true;
  }
  return replaced;
}

}  // namespace

XmlOutcome read_event_xml(std::string& element, WindowsEvent& event) {
  if (!is_utf8(element)) {
    element = as_utf8(element);
    event.repaired = true;
  }
  if (replace_nuls(element))
    event.repaired = true;
  take_memory_from_new();
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer_inplace(
      element.data(), element.size(), pugi::parse_default, pugi::encoding_utf8);
  ElementReader{event}.read_children(document, Place::outside);
  if (event.event_id == 0)
    return XmlOutcome::none;
  return result ? XmlOutcome::whole : XmlOutcome::partial;
}

std::string unescape_element(std::string text) {
  constexpr std::string_view kEscaped = "&lt;Event";
  if (!text.starts_with(kEscaped))
    return text;
  constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}}};
  std::string plain;
  for (std::string_view rest = text; !rest.empty();) {
    const auto* const entity = std::ranges::find_if(
        kEntities, [rest](const auto& known) { return rest.starts_with(known.first); });
    const bool found = entity != kEntities.end();
    plain += found ? entity->second : rest.front();
    rest.remove_prefix(found ? entity->first.size() : 1);
  }
  return plain;
}

}  // namespace krbtrail::windows
