// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/windows/event.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

#include "event_path.h"

namespace krbtrail::windows {
namespace {

// In the order of Field.
constexpr std::array<std::string_view, kFieldCount> kRawNames = {
    "SubjectUserSid",
    "SubjectUserName",
    "SubjectDomainName",
    "SubjectLogonId",
    "TargetUserSid",
    "TargetSid",
    "TargetUserName",
    "TargetDomainName",
    "TargetLogonId",
    "TargetLinkedLogonId",
    "TargetLogonGuid",
    "TargetServerName",
    "TargetInfo",
    "LogonType",
    "LogonProcessName",
    "AuthenticationPackageName",
    "WorkstationName",
    "LogonGuid",
    "TransmittedServices",
    "LmPackageName",
    "KeyLength",
    "ProcessId",
    "ProcessName",
    "IpAddress",
    "IpPort",
    "ImpersonationLevel",
    "RestrictedAdminMode",
    "TargetOutboundUserName",
    "TargetOutboundDomainName",
    "VirtualAccount",
    "ElevatedToken",
    "ServiceName",
    "ServiceFileName",
    "ServiceType",
    "ServiceStartType",
    "ServiceAccount",
    "ClientProcessStartKey",
    "ClientProcessId",
    "ParentProcessId",
    "ImagePath",
    "StartType",
    "AccountName",
    "NewProcessId",
    "NewProcessName",
    "TokenElevationType",
    "CommandLine",
    "ParentProcessName",
    "MandatoryLabel",
    "PrivilegeList",
    "CategoryId",
    "SubcategoryId",
    "SubcategoryGuid",
    "AuditPolicyChanges",
    "PreviousTime",
    "NewTime",
    "SamAccountName",
    "DnsHostName",
    "ServicePrincipalNames",
    "UserAccountControl",
    "AllowedToDelegateTo",
    "ObjectDN",
    "ObjectClass",
    "AttributeLDAPDisplayName",
    "AttributeValue",
    "OperationType",
    "ServiceSid",
    "TicketOptions",
    "TicketEncryptionType",
    "PreAuthType",
    "Status",
};

// Names are looked up for every field of every event. A slot by a name's length and a few of its
// letters, the next free one where two names meet.
class FieldsByName {
 public:
  constexpr FieldsByName() {
    for (std::size_t i = 0; i < kFieldCount; ++i) {
      std::size_t slot = slot_of(kRawNames[i]);
      while (fields_[slot] != 0)
        slot = (slot + 1) % kSlots;
      fields_[slot] = static_cast<std::uint8_t>(i + 1);
    }
  }

  [[nodiscard]] std::optional<Field> find(std::string_view name) const {
    if (name.empty())
      return std::nullopt;
    for (std::size_t slot = slot_of(name); fields_[slot] != 0; slot = (slot + 1) % kSlots) {
      const std::size_t field = fields_[slot] - 1U;
      if (is_same_name(kRawNames[field], name))
        return static_cast<Field>(field);
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kSlots = 512;

  static constexpr std::size_t slot_of(std::string_view name) {
    const auto letter = [name](std::size_t i) { return static_cast<std::size_t>(name[i]) & 0x1FU; };
    const std::size_t last = name.size() - 1;
    return (name.size() * 37 + letter(0) + letter(last / 2) * 11 + letter(last - last / 4) * 29 +
            letter(last) * 5) %
           kSlots;
  }

  std::array<std::uint8_t, kSlots> fields_{};  // a field's number and 1; 0 is free
};
constexpr FieldsByName kFieldsByName;

// SECURITY_LOGON_TYPE of ntsecapi.h; the words are those of ECS and of the auditing reference.
struct LogonTypeName {
  std::string_view word;
  std::uint32_t number;
};
constexpr std::array kLogonTypes = {
    LogonTypeName{"System", 0},
    LogonTypeName{"Interactive", 2},
    LogonTypeName{"Network", 3},
    LogonTypeName{"Batch", 4},
    LogonTypeName{"Service", 5},
    LogonTypeName{"Unlock", 7},
    LogonTypeName{"NetworkCleartext", 8},
    LogonTypeName{"NewCredentials", 9},
    LogonTypeName{"RemoteInteractive", 10},
    LogonTypeName{"CachedInteractive", 11},
    LogonTypeName{"CachedRemoteInteractive", 12},
    LogonTypeName{"CachedUnlock", 13},
};

Unreadable unreadable(std::string_view text, std::string_view why) {
  return {std::string{text.substr(0, kUnreadableLimit)}, std::string{why}};
}

// Passes on what is no value, and reads what is.
template <class T, class Read>
Reading<T> read_as(const std::optional<FieldText>& field, Read read, std::string_view why) {
  if (!field || field->answer == Answer::missing)
    return Missing{};
  if (field->answer == Answer::unreadable)
    return unreadable(field->text, field->why);
  if (const std::optional<T> value = read(field->text))
    return *value;
  return unreadable(field->text, why);
}

// "3 - Network" (Log Analytics) begins with the number.
std::optional<std::uint32_t> parse_logon_type(std::string_view text) {
  for (const LogonTypeName& type : kLogonTypes) {
    if (type.word == text)
      return type.number;
  }
  const std::optional<std::uint64_t> number = parse_number(text.substr(0, text.find(" - ")));
  if (!number || *number > 0xFFFFFFFFU)
    return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

// The message table of adtschema.dll: %%1842 is "Yes", %%1843 is "No".
std::optional<bool> parse_elevated(std::string_view text) {
  if (text == "%%1842" || text == "Yes" || text == "YES")
    return true;
  if (text == "%%1843" || text == "No" || text == "NO")
    return false;
  return std::nullopt;
}

}  // namespace

bool is_wanted(std::uint32_t event_id) {
  return std::ranges::binary_search(kWantedEventIds, event_id);
}

std::string_view raw_name(Field field) {
  return kRawNames.at(static_cast<std::size_t>(field));
}

std::optional<Field> field_of(std::string_view raw_name) {
  return kFieldsByName.find(raw_name);
}

std::string_view to_string(Shape shape) {
  switch (shape) {
    case Shape::evtx:
      return "evtx";
    case Shape::xml:
      return "xml";
    case Shape::json_evtx_dump:
      return "json_evtx_dump";
    case Shape::json_chainsaw:
      return "json_chainsaw";
    case Shape::json_winlogbeat:
      return "json_winlogbeat";
    case Shape::json_winlogbeat_6:
      return "json_winlogbeat_6";
    case Shape::json_splunk:
      return "json_splunk";
    case Shape::json_nxlog:
      return "json_nxlog";
    case Shape::json_export_winevent:
      return "json_export_winevent";
    case Shape::json_sentinel:
      return "json_sentinel";
    case Shape::json_get_winevent:
      return "json_get_winevent";
    case Shape::json_evtxecmd:
      return "json_evtxecmd";
    case Shape::json_velociraptor:
      return "json_velociraptor";
    case Shape::json_hayabusa:
      return "json_hayabusa";
    case Shape::csv_event_viewer:
      return "csv_event_viewer";
    case Shape::csv_get_winevent:
      return "csv_get_winevent";
    case Shape::csv_kibana:
      return "csv_kibana";
    case Shape::csv_sentinel:
      return "csv_sentinel";
    case Shape::csv_evtxecmd:
      return "csv_evtxecmd";
    case Shape::csv_splunk:
      return "csv_splunk";
    case Shape::text:
      return "text";
  }
  return "";
}

std::string_view describe(Shape shape) {
  switch (shape) {
    case Shape::evtx:
      return "a binary event log";
    case Shape::xml:
      return "event XML";
    case Shape::json_evtx_dump:
      return "JSON of evtx_dump";
    case Shape::json_chainsaw:
      return "JSON of chainsaw";
    case Shape::json_winlogbeat:
      return "JSON of winlogbeat, Elastic Agent or Elasticsearch";
    case Shape::json_winlogbeat_6:
      return "JSON of winlogbeat 6";
    case Shape::json_splunk:
      return "JSON of Splunk";
    case Shape::json_nxlog:
      return "JSON of NXLog";
    case Shape::json_export_winevent:
      return "JSON of Export-WinEvents.ps1";
    case Shape::json_sentinel:
      return "JSON of Sentinel";
    case Shape::json_get_winevent:
      return "JSON of Get-WinEvent";
    case Shape::json_evtxecmd:
      return "JSON of EvtxECmd";
    case Shape::json_velociraptor:
      return "JSON of Velociraptor";
    case Shape::json_hayabusa:
      return "a timeline of hayabusa";
    case Shape::csv_event_viewer:
      return "CSV of Event Viewer";
    case Shape::csv_get_winevent:
      return "CSV of Get-WinEvent";
    case Shape::csv_kibana:
      return "CSV of Kibana";
    case Shape::csv_sentinel:
      return "CSV of Sentinel";
    case Shape::csv_evtxecmd:
      return "CSV of EvtxECmd";
    case Shape::csv_splunk:
      return "CSV of Splunk";
    case Shape::text:
      return "rendered text";
  }
  return "";
}

std::optional<FieldText> WindowsEvent::look_up(Field field) const {
  if (!is_set_.test(static_cast<std::size_t>(field)))
    return std::nullopt;
  const auto found = std::ranges::find(fields_, field, &Entry::field);
  return field_at(static_cast<std::size_t>(found - fields_.begin()));
}

FieldText WindowsEvent::field_at(std::size_t index) const {
  const Entry& entry = fields_[index];
  const std::string_view texts = std::string_view{texts_}.substr(entry.begin);
  return {entry.field, entry.answer, texts.substr(0, entry.size),
          texts.substr(entry.size, entry.why_size)};
}

std::optional<std::string_view> WindowsEvent::find(Field field) const {
  const std::optional<FieldText> found = look_up(field);
  if (!found || found->answer != Answer::value)
    return std::nullopt;
  return found->text;
}

bool WindowsEvent::carries(Field field) const {
  const std::optional<FieldText> found = look_up(field);
  return found && found->answer != Answer::missing;
}

Reading<std::string> WindowsEvent::text(Field field) const {
  const std::optional<FieldText> found = look_up(field);
  if (!found || found->answer == Answer::missing)
    return Missing{};
  if (found->answer == Answer::unreadable)
    return Unreadable{std::string{found->text}, std::string{found->why}};
  return std::string{found->text};
}

Reading<std::uint64_t> WindowsEvent::number(Field field) const {
  return read_as<std::uint64_t>(look_up(field), parse_number, "is not a number");
}

Reading<std::uint32_t> WindowsEvent::logon_type() const {
  return read_as<std::uint32_t>(look_up(Field::logon_type), parse_logon_type,
                                "is not a logon type");
}

Reading<bool> WindowsEvent::elevated_token() const {
  return read_as<bool>(look_up(Field::elevated_token), parse_elevated,
                       "is neither %%1842 (Yes) nor %%1843 (No)");
}

void WindowsEvent::add(Field field, Answer answer, std::string_view text, std::string_view why) {
  if (is_set_.test(static_cast<std::size_t>(field)))
    return;
  assert(why.size() <= std::numeric_limits<std::uint16_t>::max() &&
         texts_.size() + text.size() + why.size() <= std::numeric_limits<std::uint32_t>::max());
  is_set_.set(static_cast<std::size_t>(field));
  fields_.push_back({.field = field,
                     .answer = answer,
                     .why_size = static_cast<std::uint16_t>(why.size()),
                     .begin = static_cast<std::uint32_t>(texts_.size()),
                     .size = static_cast<std::uint32_t>(text.size())});
  texts_.append(text).append(why);
}

void WindowsEvent::set(Field field, std::string_view text) {
  add(field, Answer::value, text, {});
}

void WindowsEvent::set(Field field, Missing /*missing*/) {
  add(field, Answer::missing, {}, {});
}

void WindowsEvent::set(Field field, const Unreadable& unreadable) {
  add(field, Answer::unreadable, unreadable.text, unreadable.why);
}

void WindowsEvent::set_reading(Field field, const Reading<std::string>& reading) {
  std::visit([this, field](const auto& answer) { this->set(field, answer); }, reading);
}

void WindowsEvent::clear() {
  WindowsEvent fresh;
  fresh.fields_ = std::move(fields_);
  fresh.texts_ = std::move(texts_);
  fresh.fields_.clear();
  fresh.texts_.clear();
  *this = std::move(fresh);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex)
    text.remove_prefix(2);
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number, hex ? 16 : 10);
  if (problem != std::errc{} || stop != end)
    return std::nullopt;
  return number;
}

}  // namespace krbtrail::windows
