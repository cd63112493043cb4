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

// A value may itself hold elements that its exporter did not escape: their text is part of it.
// Four levels are more than any such value was seen to have.
constexpr int kMarkupInText = 4;

void append_text_of(const pugi::xml_node& node, std::string& text, int depth) {
  for (const pugi::xml_node child : node.children()) {
    if (text.size() >= kFieldLimit)
      return;
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
      text += child.value();
    else if (depth > 0)
      append_text_of(child, text, depth - 1);
  }
}

std::string text_of(const pugi::xml_node& node) {
  std::string text;
  append_text_of(node, text, kMarkupInText);
  text.resize(std::min(text.size(), kFieldLimit));
  return text;
}

void read_attributes(const pugi::xml_node& node, Place place, WindowsEvent& event) {
  for (const pugi::xml_attribute attribute : node.attributes()) {
    const Target target = target_of_attribute(place, attribute.name());
    if (target != Target::none)
      set_head(event, target, attribute.value());
  }
}

void read_field(const pugi::xml_node& node, std::string_view name, WindowsEvent& event) {
  if (const auto field = field_of(name))
    event.set(*field, text_of(node));
}

// The fields of an event that is only counted. What says which one it is stands before them.
bool is_needless(Place place, const WindowsEvent& event) {
  return (place == Place::event_data || place == Place::user_data) && event.event_id != 0 &&
         !is_wanted(event.event_id);
}

void read_elements(const pugi::xml_node& parent, Place parent_place, WindowsEvent& event) {
  for (const pugi::xml_node node : parent.children()) {
    const Place place = place_of_child(parent_place, node.name());
    if (place == Place::ignored || is_needless(place, event))
      continue;
    read_attributes(node, place, event);
    const Target target = target_of_content(place);
    if (place == Place::data)
      read_field(node, node.attribute("Name").value(), event);
    else if (place == Place::user_field)
      read_field(node, node.name(), event);
    else if (target != Target::none)
      set_head(event, target, text_of(node));
    else if (holds_elements(place))
      read_elements(node, place, event);
  }
}

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

XmlOutcome read_event_xml(std::string element, WindowsEvent& event) {
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
  read_elements(document, Place::outside, event);
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
