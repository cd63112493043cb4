// SPDX-License-Identifier: Apache-2.0
//
// One event of a Windows event log, as far as the export it was read from carries it.
//
// A field has three answers, so that "indeterminate" cannot be forgotten:
//   T           what the event says
//   Missing     this shape, this version of the event or this row does not carry the field
//   Unreadable  it is there and cannot be understood: the text as written, and why
// '-' and "" are values that Windows writes, and stay as they are.
//
//   const Reading<std::uint64_t> logon = event.number(Field::target_logon_id);
//   if (const auto* id = std::get_if<std::uint64_t>(&logon)) …
//
// Field values are text as the export wrote them; number(), logon_type() and elevated_token() give
// their meaning whatever the spelling, and nothing else interprets them. Field names and versions
// are those of Microsoft's auditing reference, one page an event ("4624(S): An account was
// successfully logged on").
//
// An event owns its texts: those of the fields one behind the other, so that an event that is
// cleared and filled again allocates nothing. Pure values; copies are independent.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "krbtrail/model/origin.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::windows {

struct Missing {
  bool operator==(const Missing&) const = default;
};

struct Unreadable {
  std::string text;  // as written, at most kUnreadableLimit bytes of it
  std::string why;   // "is not a number"; lower case, no full stop

  bool operator==(const Unreadable&) const = default;
};
inline constexpr std::size_t kUnreadableLimit = 256;

template <class T>
using Reading = std::variant<T, Missing, Unreadable>;

// Which of them a reading holds, in its order.
enum class Answer : std::uint8_t { value, missing, unreadable };

// The value, or nullptr if it is missing or unreadable. Valid as long as the reading.
template <class T>
[[nodiscard]] const T* value_of(const Reading<T>& reading) {
  return std::get_if<T>(&reading);
}

// The events that readers hand on; all others are only counted. Ascending.
//   1102 log cleared · 4616 clock set · 4624 logon · 4634, 4647 logoff · 4648 explicit credentials
//   · 4672 privileges · 4688 process · 4697 service installed · 4719 audit policy changed · 4741,
//   4742 computer account · 4768, 4769 Kerberos tickets · 5136 directory object · 7045 service
//   installed (System log)
inline constexpr std::array<std::uint32_t, 16> kWantedEventIds = {
    1102, 4616, 4624, 4634, 4647, 4648, 4672, 4688, 4697, 4719, 4741, 4742, 4768, 4769, 5136, 7045};
[[nodiscard]] bool is_wanted(std::uint32_t event_id);

// The fields of EventData (UserData for 1102) that are kept, of all wanted events together. A name
// that several events share is one field. raw_name() gives the spelling of the log.
enum class Field : std::uint8_t {
  // Who asked: 4624, 4648, 4672, 4688, 4697, 4719, 4616, 4741, 4742, 5136, 1102.
  subject_user_sid,
  subject_user_name,
  subject_domain_name,
  subject_logon_id,
  // Who it is about: 4624, 4634, 4647, 4648, 4688, 4768, 4769; TargetSid in 4741, 4742, 4768.
  target_user_sid,
  target_sid,
  target_user_name,
  target_domain_name,
  target_logon_id,
  target_linked_logon_id,  // 4624 version 2
  target_logon_guid,       // 4648
  target_server_name,      // 4648
  target_info,             // 4648
  // The logon: 4624, and in part 4634, 4648, 4769.
  logon_type,
  logon_process_name,
  authentication_package_name,
  workstation_name,
  logon_guid,
  transmitted_services,
  lm_package_name,
  key_length,
  process_id,  // EventData's ProcessId, never Execution/@ProcessID
  process_name,
  ip_address,
  ip_port,
  impersonation_level,
  restricted_admin_mode,  // 4624 version 2
  target_outbound_user_name,
  target_outbound_domain_name,
  virtual_account,
  elevated_token,  // 4624 version 2
  // The service: 4697; ServiceName also in 7045 and (another thing) in 4768, 4769.
  service_name,
  service_file_name,
  service_type,
  service_start_type,
  service_account,
  client_process_start_key,  // 4697 version 1
  client_process_id,         // 4697 version 1
  parent_process_id,         // 4697 version 1
  image_path,                // 7045
  start_type,                // 7045
  account_name,              // 7045
  // 4688.
  new_process_id,
  new_process_name,
  token_elevation_type,
  command_line,
  parent_process_name,
  mandatory_label,
  // 4672, 4741.
  privilege_list,
  // 4719.
  category_id,
  subcategory_id,
  subcategory_guid,
  audit_policy_changes,
  // 4616.
  previous_time,
  new_time,
  // 4741, 4742.
  sam_account_name,
  dns_host_name,
  service_principal_names,
  user_account_control,
  allowed_to_delegate_to,
  // 5136.
  object_dn,
  object_class,
  attribute_ldap_display_name,
  attribute_value,
  operation_type,
  // 4768, 4769.
  service_sid,
  ticket_options,
  ticket_encryption_type,
  pre_auth_type,
  status,
};
inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::status) + 1;
[[nodiscard]] std::string_view raw_name(Field field);  // "SubjectUserSid"
// By exact raw name; nullopt for a name that is not kept.
[[nodiscard]] std::optional<Field> field_of(std::string_view raw_name);

// What a stamp says about the instant. Two events can be put in order across inputs only if both
// are `utc`.
enum class Zone : std::uint8_t {
  utc,       // the stamp names its zone, or the format is defined to be UTC
  local,     // no zone: `earliest` is the written time taken for UTC; comparable within its input
  half_day,  // written by a 12-hour clock without AM or PM: `earliest` may be 12 hours too early.
             // Comparable with nothing: order by record id, then by the order in the file.
};

// A stamp is an interval: it was taken at or after `earliest` and before `earliest + resolution`.
struct EventTime {
  model::Timestamp earliest;
  model::Ticks resolution{1};  // 1 tick: exact, 10,000 a millisecond, 10,000,000 a second
  Zone zone = Zone::utc;

  bool operator==(const EventTime&) const = default;
};

// Which writer's conventions an event was read by.
enum class Shape : std::uint8_t {
  evtx,
  xml,                   // wevtutil, Event Viewer, evtx_dump -o xml, python-evtx, evtxexport
  json_evtx_dump,        // evtx_dump -o json, jsonl
  json_chainsaw,         // chainsaw dump, search
  json_winlogbeat,       // winlogbeat 7 and later, Elastic Agent, evtx2es, Elasticsearch _search
  json_winlogbeat_6,     // event_data and computer_name at the top
  json_splunk,           // {"result": {…}}, REST rows
  json_nxlog,            // flat, EventTime and Hostname
  json_export_winevent,  // flat, TimeCreated and Hostname (OTRF's Export-WinEvents.ps1)
  json_sentinel,         // flat, TimeGenerated and Computer
  json_get_winevent,     // Get-WinEvent | ConvertTo-Json
  json_evtxecmd,         // Payload as JSON in a string
  json_velociraptor,     // parse_evtx
  json_hayabusa,         // a timeline of rule hits: never the whole log
  csv_event_viewer,
  csv_get_winevent,
  csv_kibana,
  csv_sentinel,
  csv_evtxecmd,
  csv_splunk,
  text,  // rendered for people: wevtutil /f:text, Format-List, Splunk's classic events
};
[[nodiscard]] std::string_view to_string(Shape shape);  // "json_evtx_dump"
// The writer in words: "evtx_dump or chainsaw JSON".
[[nodiscard]] std::string_view describe(Shape shape);

// A field as it stands in its event. The texts are the event's, valid until it changes.
struct FieldText {
  Field field{};
  Answer answer = Answer::missing;
  std::string_view text;  // the value; of what is unreadable as much as Unreadable keeps
  std::string_view why;   // only of what is unreadable

  bool operator==(const FieldText&) const = default;
};

struct WindowsEvent {
  std::uint32_t event_id = 0;
  Reading<std::string> provider = Missing{};  // "Microsoft-Windows-Security-Auditing"
  Reading<std::string> channel = Missing{};   // "Security"
  Reading<std::uint32_t> version = Missing{};
  Reading<std::uint64_t> record_id = Missing{};  // System/EventRecordID
  Reading<EventTime> time = Missing{};
  Reading<std::string> computer = Missing{};  // where it happened, never the collector
  Reading<std::string> os_type = Missing{};   // ECS host.os.type, which no raw log has
  // Outcome as far as written: "success", "failure"; wanted events are successes unless the
  // keywords or the export say otherwise.
  Reading<std::string> outcome = Missing{};

  Shape shape = Shape::evtx;
  model::Origin origin;                           // of the record's first byte
  std::uint64_t position = 0;                     // among the events handed on of its input, from 0
  std::optional<std::uint64_t> header_record_id;  // EVTX: of the record's header, if different
  std::optional<std::string> collector;           // a forwarder's host, where the shape names it
  bool recovered = false;                         // from slack, or from a chunk without its header
  bool from_message = false;  // at least one field was read from rendered English text
  bool localised = false;     // rendered text in another language; its fields are Missing
  bool repaired = false;      // bytes were replaced before it could be parsed (bad UTF-8, controls)
  bool sids_as_names =
      false;  // rendered by the exporting host, which writes names in place of SIDs

  // As written. Missing if the event does not carry it.
  [[nodiscard]] Reading<std::string> text(Field field) const;
  // The value without a copy; nullopt if it is missing or unreadable. Valid until the event
  // changes.
  [[nodiscard]] std::optional<std::string_view> find(Field field) const;
  // Whether the event carries it, readable or not.
  [[nodiscard]] bool carries(Field field) const;
  // "0x8a38de", "0x00000000008A38DE", "9058526": one number. '-' and everything else: Unreadable.
  [[nodiscard]] Reading<std::uint64_t> number(Field field) const;
  // LogonType as the number Windows uses: "3", "0x3", "3 - Network", "Network" (ECS spells the
  // names without blanks: NetworkCleartext is 8). Another word: Unreadable.
  [[nodiscard]] Reading<std::uint32_t> logon_type() const;
  // ElevatedToken: "%%1842", "Yes" and "YES" are true; "%%1843", "No" and "NO" are false. Another
  // word ("Nein"): Unreadable.
  [[nodiscard]] Reading<bool> elevated_token() const;

  // The first answer of a field stays; readers set each once.
  void set(Field field, std::string_view text);
  void set(Field field, Missing missing);
  void set(Field field, const Unreadable& unreadable);
  void set_reading(Field field, const Reading<std::string>& reading);
  // Those that were set, Missing ones too, in the order of the export.
  [[nodiscard]] std::size_t field_count() const { return fields_.size(); }
  [[nodiscard]] FieldText field_at(std::size_t index) const;

  // As it was made, but for the memory that it holds.
  void clear();

 private:
  // Where a field's text is in `texts_`; why it is unreadable stands behind it.
  struct Entry {
    Field field{};
    Answer answer = Answer::missing;
    std::uint16_t why_size = 0;
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };

  void add(Field field, Answer answer, std::string_view text, std::string_view why);
  [[nodiscard]] std::optional<FieldText> look_up(Field field) const;

  std::vector<Entry> fields_;  // in the order of the export
  std::string texts_;
  std::bitset<kFieldCount> is_set_;
};

// The number in any spelling that number() takes; nullopt for another text or more than 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace krbtrail::windows
