// SPDX-License-Identifier: Apache-2.0
#include "event_path.h"

#include <array>
#include <span>

namespace krbtrail::windows {
namespace {

struct Step {
  std::string_view element;
  Place child;
};
constexpr std::array kOfEvent = {
    Step{"System", Place::system},
    Step{"EventData", Place::event_data},
    Step{"UserData", Place::user_data},
};
constexpr std::array kOfSystem = {
    Step{"Provider", Place::provider},        Step{"EventID", Place::event_id},
    Step{"Version", Place::version},          Step{"Keywords", Place::keywords},
    Step{"TimeCreated", Place::time_created}, Step{"EventRecordID", Place::record_id},
    Step{"Channel", Place::channel},          Step{"Computer", Place::computer},
};

Place place_among(std::span<const Step> steps, std::string_view element) {
  for (const Step& step : steps) {
    if (is_same_name(step.element, element))
      return step.child;
  }
  return Place::ignored;
}

}  // namespace

Place place_of_child(Place parent, std::string_view element) {
  switch (parent) {
    case Place::outside:
      return element == "Event" ? Place::event : Place::ignored;
    case Place::event:
      return place_among(kOfEvent, element);
    case Place::system:
      return place_among(kOfSystem, element);
    case Place::event_data:
      return element == "Data" ? Place::data : Place::ignored;
    case Place::user_data:
      return Place::user_event;
    case Place::user_event:
      return Place::user_field;
    case Place::provider:
    case Place::event_id:
    case Place::version:
    case Place::keywords:
    case Place::time_created:
    case Place::record_id:
    case Place::channel:
    case Place::computer:
    case Place::data:
    case Place::user_field:
    case Place::ignored:
      return Place::ignored;
  }
  return Place::ignored;
}

Target target_of_attribute(Place element, std::string_view attribute) {
  if (element == Place::provider && attribute == "Name")
    return Target::provider;
  if (element == Place::time_created && attribute == "SystemTime")
    return Target::time;
  if (element == Place::data && attribute == "Name")
    return Target::data_name;
  return Target::none;
}

Target target_of_content(Place element) {
  switch (element) {
    case Place::event_id:
      return Target::event_id;
    case Place::version:
      return Target::version;
    case Place::keywords:
      return Target::keywords;
    case Place::record_id:
      return Target::record_id;
    case Place::channel:
      return Target::channel;
    case Place::computer:
      return Target::computer;
    case Place::data:
    case Place::user_field:
      return Target::field;
    case Place::outside:
    case Place::event:
    case Place::system:
    case Place::provider:
    case Place::time_created:
    case Place::event_data:
    case Place::user_data:
    case Place::user_event:
    case Place::ignored:
      return Target::none;
  }
  return Target::none;
}

bool holds_elements(Place place) {
  return place == Place::outside || place == Place::event || place == Place::system ||
         place == Place::event_data || place == Place::user_data || place == Place::user_event;
}

}  // namespace krbtrail::windows
