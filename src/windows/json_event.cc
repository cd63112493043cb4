// SPDX-License-Identifier: Apache-2.0
#include "json_event.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "event_draft.h"
#include "event_path.h"
#include "event_time.h"
#include "field_names.h"
#include "krbtrail/windows/reader.h"
#include "message_text.h"
#include "text_encoding.h"
#include "text_event.h"
#include "xml_event.h"

namespace krbtrail::windows {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::key_value_pair;
using simdjson::dom::object;

constexpr int kMostWrapping = 4;  // of a value in arrays of one and in objects

std::optional<element> member(const object& in, std::string_view name) {
  element found;
  if (in.at_key(name).get(found) != simdjson::SUCCESS)
    return std::nullopt;
  return found;
}

std::optional<object> as_object(const std::optional<element>& value) {
  object found;
  if (!value || value->get(found) != simdjson::SUCCESS)
    return std::nullopt;
  return found;
}

// "a.b.c", where any of the dots may be part of a name.
std::optional<element> at_path(const object& in, std::string_view path) {
  if (const auto found = member(in, path))
    return found;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos;
       dot = path.find('.', dot + 1)) {
    if (const auto child = as_object(member(in, path.substr(0, dot)))) {
      if (const auto found = at_path(*child, path.substr(dot + 1)))
        return found;
    }
  }
  return std::nullopt;
}

bool has(const object& in, std::string_view name) {
  return member(in, name).has_value();
}

template <class T, class... Format>
std::string number_text(T number, Format... format) {
  std::array<char, 400> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number, format...).ptr;
  return {digits.begin(), end};
}

Reading<std::string> text_of(const element& value, int depth = kMostWrapping);

// {"#text": …} of an element with attributes, {"Value": …} of a SID or a property, {"value": …} of
// a date in Windows PowerShell.
Reading<std::string> text_of_object(const object& value, int depth) {
  for (const std::string_view name : {"#text", "Value", "value"}) {
    if (const auto inner = member(value, name); inner && depth > 0)
      return text_of(*inner, depth - 1);
  }
  return Unreadable{"", "is an object"};
}

Reading<std::string> text_of_array(const array& values, int depth) {
  if (values.size() == 0)
    return Missing{};
  if (values.size() > 1 || depth == 0)
    return Unreadable{"", "is a list of " + std::to_string(values.size()) + " values"};
  return text_of(values.at(0).value_unsafe(), depth - 1);
}

Reading<std::string> text_of(const element& value, int depth) {
  switch (value.type()) {
    case simdjson::dom::element_type::STRING:
      return std::string{value.get_string().value_unsafe().substr(0, kFieldLimit)};
    case simdjson::dom::element_type::INT64:
      return number_text(value.get_int64().value_unsafe());
    case simdjson::dom::element_type::UINT64:
      return number_text(value.get_uint64().value_unsafe());
    case simdjson::dom::element_type::DOUBLE:
      return number_text(value.get_double().value_unsafe(), std::chars_format::fixed);
    case simdjson::dom::element_type::BOOL:
      return std::string{value.get_bool().value_unsafe() ? "true" : "false"};
    case simdjson::dom::element_type::NULL_VALUE:
      return Missing{};
    case simdjson::dom::element_type::OBJECT:
      return text_of_object(value.get_object().value_unsafe(), depth);
    case simdjson::dom::element_type::ARRAY:
      return text_of_array(value.get_array().value_unsafe(), depth);
  }
  return Missing{};
}

void set_if_any(WindowsEvent& event, Target target, std::string_view text) {
  if (!text.empty())
    set_head(event, target, text);
}

void set_field(WindowsEvent& event, Field field, const element& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS)
    return event.set(field, text.substr(0, kFieldLimit));
  const Reading<std::string> reading = text_of(value);
  if (!std::holds_alternative<Missing>(reading))
    event.set_reading(field, reading);
}

// Every member that is a field by its raw name.
void set_fields(WindowsEvent& event, const object& members) {
  for (const key_value_pair& pair : members) {
    if (const auto field = field_of_column(pair.key))
      set_field(event, *field, pair.value);
  }
}

// {"LogFileCleared": {FIELD: …}}
void set_user_data(WindowsEvent& event, const object& user_data) {
  for (const key_value_pair& pair : user_data) {
    if (const auto inner = as_object(pair.value))
      set_fields(event, *inner);
  }
}

// The members of System that are read, in the order of the schema. Chainsaw takes attributes out.
enum class SystemMember : std::uint8_t {
  provider,
  provider_attributes,
  event_id,
  version,
  keywords,
  time_created,
  time_created_attributes,
  record_id,
  channel,
  computer,
};
constexpr std::array<std::string_view, 10> kSystemMembers = {
    "Provider",    "Provider_attributes",    "EventID",       "Version", "Keywords",
    "TimeCreated", "TimeCreated_attributes", "EventRecordID", "Channel", "Computer"};

// System's members, found in one walk: a writer keeps to one order, so that the next name is mostly
// the one that is looked at first. Of members with one name the first counts.
class SystemMembers {
 public:
  explicit SystemMembers(const object& system) {
    std::size_t expected = 0;
    for (const key_value_pair& pair : system) {
      const std::size_t place = place_of(pair.key, expected);
      if (place == kSystemMembers.size()) {
        has_dots_ = has_dots_ || pair.key.find('.') != std::string_view::npos;
        continue;
      }
      if (!found_[place])
        found_[place] = pair.value;
      expected = place + 1;
    }
  }

  // Some path may be a name: only at_path() reads those.
  [[nodiscard]] bool has_dots() const { return has_dots_; }
  [[nodiscard]] const std::optional<element>& operator[](SystemMember wanted) const {
    return found_[static_cast<std::size_t>(wanted)];
  }

 private:
  static std::size_t place_of(std::string_view name, std::size_t expected) {
    for (std::size_t i = expected; i < kSystemMembers.size(); ++i) {
      if (is_same_name(kSystemMembers[i], name))
        return i;
    }
    for (std::size_t i = 0; i < expected; ++i) {
      if (is_same_name(kSystemMembers[i], name))
        return i;
    }
    return kSystemMembers.size();
  }

  std::array<std::optional<element>, kSystemMembers.size()> found_;
  bool has_dots_ = false;
};

class ShapeReader {
 public:
  ShapeReader(WindowsEvent& event, simdjson::dom::parser& payload_parser)
      : event_(event), payload_parser_(payload_parser) {}

  JsonOutcome read(const object& top) {
    read_shape(top, kMostWrapping);
    outcome_.read = outcome_.problem.empty() && event_.event_id != 0;
    if (!outcome_.read && outcome_.problem.empty())
      outcome_.problem = "is no Windows event of a known shape";
    return std::move(outcome_);
  }

 private:
  void read_shape(const object& top, int depth) {
    if (const auto inner = wrapped(top); inner && depth > 0)
      return read_shape(*inner, depth - 1);
    if (const auto inner = as_object(member(top, "Event")))
      return read_system(
          *inner, has(top, "Event_attributes") ? Shape::json_chainsaw : Shape::json_evtx_dump);
    if (has(top, "System"))
      return read_system(top, Shape::json_velociraptor);
    if (is_winlogbeat(top))
      return read_winlogbeat(top);
    if (has(top, "event_data"))
      return read_winlogbeat_6(top);
    if (has(top, "Payload") && has(top, "EventId"))
      return read_evtxecmd(top);
    if (has(top, "_raw") || has(top, "EventCode"))
      return read_splunk(top);
    if (has(top, "RuleTitle"))
      return refuse_hayabusa();
    if (has(top, "Id") && (has(top, "MachineName") || has(top, "ProviderName")))
      return read_get_winevent(top);
    read_flat(top);
  }

  // Splunk's {"result": …}; a hit of Elasticsearch.
  static std::optional<object> wrapped(const object& top) {
    for (const std::string_view name : {"result", "_source"}) {
      if (const auto inner = as_object(member(top, name)))
        return inner;
    }
    return has(top, "_index") ? as_object(member(top, "fields")) : std::nullopt;
  }

  static bool is_winlogbeat(const object& top) {
    return has(top, "winlog") || std::ranges::any_of(top, [](const key_value_pair& pair) {
             return pair.key.starts_with("winlog.");
           });
  }

  // What mirrors the XML: evtx_dump, chainsaw, Velociraptor.
  void read_system(const object& top, Shape shape) {
    event_.shape = shape;
    const auto system = as_object(member(top, "System"));
    if (!system)
      return;
    const SystemMembers members{*system};
    if (shape == Shape::json_evtx_dump && members[SystemMember::provider_attributes])
      event_.shape = Shape::json_chainsaw;
    if (members.has_dots())
      read_head_by_paths(*system);
    else
      read_head(members);
    if (!is_wanted(event_.event_id))
      return;
    if (const auto data = as_object(member(top, "EventData")))
      set_fields(event_, *data);
    if (const auto data = as_object(member(top, "UserData")))
      set_user_data(event_, *data);
  }

  void read_head(const SystemMembers& system) {
    set_if_any(
        event_, Target::provider,
        attribute(system, SystemMember::provider, SystemMember::provider_attributes, "Name"));
    set_head_of(system, SystemMember::event_id, Target::event_id);
    set_head_of(system, SystemMember::version, Target::version);
    set_head_of(system, SystemMember::keywords, Target::keywords);
    set_time(attribute(system, SystemMember::time_created, SystemMember::time_created_attributes,
                       "SystemTime"),
             Zone::utc);
    set_head_of(system, SystemMember::record_id, Target::record_id);
    set_head_of(system, SystemMember::channel, Target::channel);
    set_head_of(system, SystemMember::computer, Target::computer);
  }

  void set_head_of(const SystemMembers& system, SystemMember member, Target target) {
    std::uint64_t number = 0;
    if (system[member] && system[member]->get(number) == simdjson::SUCCESS)
      set_head(event_, target, number);
    else
      set_if_any(event_, target, text_of_any(system[member]));
  }

  // {"#attributes": {NAME: …}}, the same beside it, or {NAME: …}
  std::string_view attribute(const SystemMembers& system, SystemMember element_member,
                             SystemMember attributes_member, std::string_view name) {
    const auto inner = as_object(system[element_member]);
    const auto attributes = inner ? as_object(member(*inner, "#attributes")) : std::nullopt;
    const auto beside = as_object(system[attributes_member]);
    for (const auto& in : {attributes, beside, inner}) {
      const std::string_view text = in ? text_of_any(member(*in, name)) : std::string_view{};
      if (!text.empty())
        return text;
    }
    return {};
  }

  // The same of members whose names are paths themselves, as Logstash leaves them.
  void read_head_by_paths(const object& system) {
    set_if_any(
        event_, Target::provider,
        text_at(system, "Provider.#attributes.Name", "Provider_attributes.Name", "Provider.Name"));
    set_if_any(event_, Target::event_id, text_at(system, "EventID"));
    set_if_any(event_, Target::version, text_at(system, "Version"));
    set_if_any(event_, Target::keywords, text_at(system, "Keywords"));
    set_time(text_at(system, "TimeCreated.#attributes.SystemTime",
                     "TimeCreated_attributes.SystemTime", "TimeCreated.SystemTime"),
             Zone::utc);
    set_if_any(event_, Target::record_id, text_at(system, "EventRecordID"));
    set_if_any(event_, Target::channel, text_at(system, "Channel"));
    set_if_any(event_, Target::computer, text_at(system, "Computer"));
  }

  void read_winlogbeat(const object& top) {
    event_.shape = Shape::json_winlogbeat;
    set_if_any(event_, Target::event_id, text_at(top, "winlog.event_id", "event.code"));
    set_if_any(event_, Target::computer, text_at(top, "winlog.computer_name"));
    set_if_any(event_, Target::record_id, text_at(top, "winlog.record_id"));
    set_if_any(event_, Target::channel, text_at(top, "winlog.channel"));
    set_if_any(event_, Target::provider, text_at(top, "winlog.provider_name"));
    set_if_any(event_, Target::version, text_at(top, "winlog.version"));
    set_time(text_at(top, "@timestamp"), Zone::utc);
    set_word(event_.outcome, text_at(top, "event.outcome"));
    set_word(event_.os_type, text_at(top, "host.os.type"));
    set_collector(text_at(top, "host.name"));
    if (!is_wanted(event_.event_id))
      return;
    set_winlog_fields(top);
    set_ecs_fields(top);
    read_message(text_at(top, "message"), event_);
  }

  void set_winlog_fields(const object& top) {
    constexpr std::string_view kPrefix = "winlog.event_data.";
    if (const auto data = as_object(at_path(top, "winlog.event_data")))
      set_fields(event_, *data);
    if (const auto data = as_object(at_path(top, "winlog.user_data")))
      set_fields(event_, *data);
    for (const key_value_pair& pair : top) {
      if (!pair.key.starts_with(kPrefix))
        continue;
      if (const auto field = field_of(pair.key.substr(kPrefix.size())))
        set_field(event_, *field, pair.value);
    }
  }

  // Ingest pipelines move some fields to names of ECS.
  void set_ecs_fields(const object& top) {
    for (const EcsName& name : ecs_names()) {
      if (name.event_id != 0 && name.event_id != event_.event_id)
        continue;
      if (const auto value = at_path(top, name.path))
        set_field(event_, name.field, *value);
    }
  }

  void read_winlogbeat_6(const object& top) {
    event_.shape = Shape::json_winlogbeat_6;
    set_if_any(event_, Target::event_id, text_at(top, "event_id"));
    set_if_any(event_, Target::computer, text_at(top, "computer_name"));
    set_if_any(event_, Target::record_id, text_at(top, "record_number", "record_id"));
    set_if_any(event_, Target::channel, text_at(top, "log_name"));
    set_if_any(event_, Target::provider, text_at(top, "source_name"));
    set_if_any(event_, Target::version, text_at(top, "version"));
    set_time(text_at(top, "@timestamp"), Zone::utc);
    set_collector(text_at(top, "host.name", "beat.hostname"));
    if (const auto data = as_object(member(top, "event_data")))
      set_fields(event_, *data);
    read_message(text_at(top, "message"), event_);
  }

  void read_evtxecmd(const object& top) {
    event_.shape = Shape::json_evtxecmd;
    set_if_any(event_, Target::event_id, text_at(top, "EventId"));
    set_if_any(event_, Target::computer, text_at(top, "Computer"));
    set_if_any(event_, Target::record_id, text_at(top, "EventRecordId"));
    set_if_any(event_, Target::channel, text_at(top, "Channel"));
    set_if_any(event_, Target::provider, text_at(top, "Provider"));
    set_time(text_at(top, "TimeCreated"), Zone::utc);
    read_payload(text_at(top, "Payload"));
  }

 public:
  // EvtxECmd's JSON in a string: {"EventData":{"Data":[{"@Name":…,"#text":…}]}}; one field is an
  // object and not an array of one.
  void read_payload(std::string_view payload) {
    object top;
    if (payload_parser_.parse(payload.data(), payload.size()).get(top) != simdjson::SUCCESS)
      return;
    if (const auto data = at_path(top, "EventData.Data")) {
      array list;
      if (data->get(list) == simdjson::SUCCESS) {
        for (const element& entry : list)
          set_named(entry);
      } else {
        set_named(*data);
      }
    }
    if (const auto data = as_object(member(top, "UserData")))
      set_user_data(event_, *data);
  }

 private:
  void set_named(const element& entry) {
    const auto data = as_object(entry);
    if (!data)
      return;
    const auto field = field_of(text_at(*data, "@Name"));
    if (!field)
      return;
    // An empty field has no "#text".
    if (const auto value = member(*data, "#text"))
      set_field(event_, *field, *value);
    else
      event_.set(*field, std::string_view{});
  }

  void read_splunk(const object& top) {
    event_.shape = Shape::json_splunk;
    std::string raw = unescape_element(std::string{text_at(top, "_raw")});
    if (raw.starts_with('<'))
      static_cast<void>(read_event_xml(raw, event_));
    else if (!raw.empty())
      outcome_.assumed_date = read_event_text(raw, event_).assumed_date;
    event_.shape = Shape::json_splunk;
    set_if_any(event_, Target::event_id, text_at(top, "EventCode", "EventID"));
    set_if_any(event_, Target::computer, text_at(top, "ComputerName", "Computer"));
    set_if_any(event_, Target::record_id, text_at(top, "RecordNumber", "EventRecordID"));
    set_if_any(event_, Target::channel, text_at(top, "LogName", "Channel"));
    set_indexed_time(text_at(top, "_time"));
    set_collector(text_at(top, "host"));
    set_fields(event_, top);
    read_message(text_at(top, "Message"), event_);
  }

  void refuse_hayabusa() {
    event_.shape = Shape::json_hayabusa;
    outcome_.problem =
        "is a line of a hayabusa timeline, which holds only what its rules hit: not evaluated";
  }

  void read_get_winevent(const object& top) {
    event_.shape = Shape::json_get_winevent;
    set_if_any(event_, Target::event_id, text_at(top, "Id"));
    set_if_any(event_, Target::computer, text_at(top, "MachineName"));
    set_if_any(event_, Target::record_id, text_at(top, "RecordId"));
    set_if_any(event_, Target::channel, text_at(top, "LogName"));
    set_if_any(event_, Target::provider, text_at(top, "ProviderName"));
    set_if_any(event_, Target::version, text_at(top, "Version"));
    set_if_any(event_, Target::keywords, text_at(top, "Keywords"));
    set_time(text_at(top, "TimeCreated"), Zone::local);
    set_properties(top);
    read_message(text_at(top, "Message"), event_);
  }

  // Names are lost: the values stand in the order of the event's template. Beyond its depth
  // ConvertTo-Json writes a type's name in place of each, and then the message has to do.
  void set_properties(const object& top) {
    const auto properties = member(top, "Properties");
    array values;
    if (!properties || properties->get(values) != simdjson::SUCCESS)
      return;
    const auto fields = fields_by_position(event_.event_id);
    std::size_t position = 0;
    for (const element& value : values) {
      if (position == fields.size())
        return;
      const auto& field = fields[position++];
      if (field && as_object(value))
        set_field(event_, *field, value);
    }
  }

  // NXLog, Export-WinEvents.ps1, Log Analytics: fields beside the head, told apart by their stamp.
  void read_flat(const object& top) {
    if (has(top, "EventTime")) {
      event_.shape = Shape::json_nxlog;
      set_time(text_at(top, "EventTime"), Zone::local);
    } else if (has(top, "TimeGenerated")) {
      event_.shape = Shape::json_sentinel;
      set_time(text_at(top, "TimeGenerated"), Zone::utc);
    } else if (has(top, "TimeCreated")) {
      event_.shape = Shape::json_export_winevent;
      set_half_day_time(text_at(top, "TimeCreated"));
    } else {
      return;
    }
    set_if_any(event_, Target::event_id, text_at(top, "EventID"));
    set_if_any(event_, Target::computer, text_at(top, "Computer", "Hostname"));
    set_if_any(event_, Target::record_id,
               text_at(top, "EventRecordID", "EventRecordId", "RecordNumber"));
    set_if_any(event_, Target::channel, text_at(top, "Channel"));
    set_if_any(event_, Target::provider, text_at(top, "SourceName", "EventSourceName"));
    set_if_any(event_, Target::version, text_at(top, "Version"));
    set_if_any(event_, Target::keywords, text_at(top, "Keywords"));
    if (event_.shape == Shape::json_nxlog)
      set_collector(text_at(top, "host"));
    set_fields(event_, top);
    read_message(text_at(top, "Message"), event_);
  }

  // _time keeps a zone where the classic text has none.
  void set_indexed_time(std::string_view text) {
    const Reading<EventTime> indexed = parse_stamp(text, Zone::local).time;
    const EventTime* written = value_of(event_.time);
    if (written == nullptr)
      event_.time = indexed;
    else if (const EventTime* time = value_of(indexed))
      event_.time = with_zone_of(*written, *time);
  }

  // The script formats the hour with "hh", a 12-hour clock, and puts a Z behind a time of which
  // neither the half of the day nor the zone is known.
  void set_half_day_time(std::string_view text) {
    set_time(text, Zone::utc);
    if (auto* time = std::get_if<EventTime>(&event_.time))
      time->zone = Zone::half_day;
  }

  // A text, or the digits of a number; empty if there is neither. Valid until the next one is asked
  // for.
  std::string_view text_of_any(const std::optional<element>& value) {
    std::string_view text;
    if (!value)
      return text;
    if (value->get(text) == simdjson::SUCCESS)
      return text.substr(0, kFieldLimit);
    Reading<std::string> reading = text_of(*value);
    std::string* const written = std::get_if<std::string>(&reading);
    scratch_ = written == nullptr ? std::string{} : std::move(*written);
    return scratch_;
  }

  // The text at the first of the paths that has any; empty if none has. Valid until the next one is
  // asked for.
  template <class... Paths>
  std::string_view text_at(const object& in, Paths... paths) {
    for (const std::string_view path : {std::string_view{paths}...}) {
      const std::string_view text = text_of_any(at_path(in, path));
      if (!text.empty())
        return text;
    }
    return {};
  }

  void set_time(std::string_view text, Zone without_zone) {
    if (text.empty() || !std::holds_alternative<Missing>(event_.time))
      return;
    const Stamp stamp = parse_stamp(text, without_zone);
    event_.time = stamp.time;
    outcome_.assumed_date = outcome_.assumed_date || stamp.assumed;
  }

  static void set_word(Reading<std::string>& reading, std::string_view text) {
    if (!text.empty() && std::holds_alternative<Missing>(reading))
      reading = std::string{text};
  }

  // The short and the full name are one host.
  void set_collector(std::string_view host) {
    const std::string* computer = value_of(event_.computer);
    if (host.empty() || computer == nullptr)
      return;
    const auto label = [](std::string_view name) { return name.substr(0, name.find('.')); };
    const auto same_letter = [](char a, char b) {
      const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      };
      return lower(a) == lower(b);
    };
    if (!std::ranges::equal(label(host), label(*computer), same_letter))
      event_.collector = host;
  }

  WindowsEvent& event_;
  simdjson::dom::parser& payload_parser_;
  JsonOutcome outcome_;
  std::string scratch_;
};

// Control characters become blanks, stray bytes Windows-1252, half a surrogate pair U+FFFD.
std::string repair(std::string_view text) {
  std::string plain = as_utf8(text);
  std::ranges::replace_if(
      plain, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  for (std::size_t at = plain.find("\\u"); at != std::string::npos; at = plain.find("\\u", at)) {
    const std::string_view unit = std::string_view{plain}.substr(at, 6);
    const bool is_surrogate =
        unit.size() == 6 && (unit[2] == 'd' || unit[2] == 'D') && unit[3] >= '8';
    if (is_surrogate)
      plain.replace(at, 6, "\\ufffd");
    at += 2;
  }
  return plain;
}

}  // namespace

struct JsonEventReader::Parsers {
  simdjson::dom::parser object{kElementLimit};
  simdjson::dom::parser names{kElementLimit};
  simdjson::dom::parser payload{kElementLimit};
  std::vector<char> padded;

  // The parser reads so many bytes behind the text, whatever they are.
  simdjson::error_code parse(std::string_view text, std::size_t behind, element& parsed) {
    if (behind >= simdjson::SIMDJSON_PADDING)
      return object.parse(text.data(), text.size(), false).get(parsed);
    if (padded.size() < text.size() + simdjson::SIMDJSON_PADDING)
      padded.resize(text.size() + simdjson::SIMDJSON_PADDING);
    std::memcpy(padded.data(), text.data(), text.size());
    std::fill_n(padded.data() + text.size(), simdjson::SIMDJSON_PADDING, ' ');
    return object.parse(padded.data(), text.size(), false).get(parsed);
  }
};

JsonEventReader::JsonEventReader() : parsers_(std::make_unique<Parsers>()) {}
JsonEventReader::~JsonEventReader() = default;

JsonOutcome JsonEventReader::read(std::string_view text, WindowsEvent& event, std::size_t behind) {
  element parsed;
  simdjson::error_code error = parsers_->parse(text, behind, parsed);
  if (error != simdjson::SUCCESS) {
    event.repaired = true;
    error = parsers_->parse(repair(text), 0, parsed);
  }
  object top;
  if (error != simdjson::SUCCESS)
    return {.problem = std::string{"is not valid JSON: "} + simdjson::error_message(error)};
  if (parsed.get(top) != simdjson::SUCCESS)
    return {.problem = "is no JSON object"};
  return ShapeReader{event, parsers_->payload}.read(top);
}

JsonOutcome JsonEventReader::read_row(std::string_view names, std::string_view row,
                                      WindowsEvent& event) {
  array columns;
  array values;
  if (parsers_->names.parse(names.data(), names.size()).get(columns) != simdjson::SUCCESS)
    return {.problem = "is a row of a table whose columns cannot be read"};
  if (parsers_->payload.parse(row.data(), row.size()).get(values) != simdjson::SUCCESS)
    return {.problem = "is no row of values"};
  std::string members = "{";
  auto value = values.begin();
  for (const element& column : columns) {
    if (!(value != values.end()))
      break;
    object described;
    const bool is_object = column.get(described) == simdjson::SUCCESS;
    const auto name = is_object ? member(described, "name") : std::optional{column};
    if (name) {
      if (members.size() > 1)
        members += ',';
      members += simdjson::minify(*name) + ':' + simdjson::minify(*value);
    }
    ++value;
  }
  return read(members + '}', event);
}

void JsonEventReader::read_payload(const std::string& payload, WindowsEvent& event) {
  ShapeReader{event, parsers_->payload}.read_payload(payload);
}

}  // namespace krbtrail::windows
