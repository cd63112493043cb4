// SPDX-License-Identifier: Apache-2.0
#include "event_path.h"

#include <array>

namespace krbtrail::windows {
namespace {

struct Step {
  Place parent;
  std::string_view element;
  Place child;
};
constexpr std::array kSteps = {
    Step{Place::outside, "Event", Place::event},
    Step{Place::event, "System", Place::system},
    Step{Place::event, "EventData", Place::event_data},
    Step{Place::event, "UserData", Place::user_data},
    Step{Place::system, "Provider", Place::provider},
    Step{Place::system, "EventID", Place::event_id},
    Step{Place::system, "Version", Place::version},
    Step{Place::system, "Keywords", Place::keywords},
    Step{Place::system, "TimeCreated", Place::time_created},
    Step{Place::system, "EventRecordID", Place::record_id},
    Step{Place::system, "Channel", Place::channel},
    Step{Place::system, "Computer", Place::computer},
    Step{Place::event_data, "Data", Place::data},
};

}  // namespace

Place place_of_child(Place parent, std::string_view element) {
  if (parent == Place::user_data)
    return Place::user_event;
  if (parent == Place::user_event)
    return Place::user_field;
  for (const Step& step : kSteps) {
    if (step.parent == parent && step.element == element)
      return step.child;
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
