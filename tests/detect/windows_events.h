// SPDX-License-Identifier: Apache-2.0
//
// Windows events as the tests need them: a logon that satisfies the rule, a service installed in
// its session, and what to change about them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/windows/event.h"

namespace krbtrail::test {

// 2022-04-25T22:17:47Z plus so many ticks of 100 ns.
[[nodiscard]] inline model::Timestamp windows_time(std::int64_t ticks) {
  return model::Timestamp{std::chrono::seconds{1650925067}} + model::Ticks{ticks};
}

[[nodiscard]] inline windows::WindowsEvent windows_event(std::uint32_t event_id,
                                                         std::uint64_t record_id,
                                                         std::int64_t ticks) {
  windows::WindowsEvent event;
  event.event_id = event_id;
  event.provider = std::string{event_id == 7045 ? "Service Control Manager"
                                                : "Microsoft-Windows-Security-Auditing"};
  event.channel = std::string{event_id == 7045 ? "System" : "Security"};
  event.record_id = record_id;
  event.time = windows::EventTime{.earliest = windows_time(ticks)};
  event.computer = std::string{"PC01.corp.example"};
  event.position = record_id;
  event.origin.offset = record_id * 512;
  return event;
}

using FieldTexts = std::vector<std::pair<windows::Field, std::string>>;

// The first leg with `changes` made to its fields; a field whose text is "(none)" is left out.
[[nodiscard]] inline windows::WindowsEvent logon_event(std::uint64_t record_id, std::int64_t ticks,
                                                       const FieldTexts& changes = {}) {
  using windows::Field;
  windows::WindowsEvent event = windows_event(4624, record_id, ticks);
  event.version = 2U;
  const auto set = [&](const FieldTexts& texts) {
    for (const auto& [field, text] : texts) {
      if (text == "(none)")
        event.set(field, windows::Missing{});
      else
        event.set(field, text);
    }
  };
  set(changes);  // the first value of a field stays
  set({{Field::subject_user_sid, "S-1-0-0"},
       {Field::subject_user_name, "-"},
       {Field::target_user_sid, "S-1-5-21-1-2-3-500"},
       {Field::target_user_name, "Administrator"},
       {Field::target_domain_name, "CORP"},
       {Field::target_logon_id, "0x8a38de"},
       {Field::logon_type, "3"},
       {Field::logon_process_name, "Kerberos"},
       {Field::authentication_package_name, "Kerberos"},
       {Field::logon_guid, "{6a2f0f7c-0a6b-4b7e-9a0a-000000000001}"},
       {Field::process_id, "0x0"},
       {Field::ip_address, "127.0.0.1"},
       {Field::ip_port, "50163"},
       {Field::elevated_token, "%%1843"}});
  return event;
}

[[nodiscard]] inline windows::WindowsEvent service_event(std::uint64_t record_id,
                                                         std::int64_t ticks,
                                                         const FieldTexts& changes = {}) {
  using windows::Field;
  windows::WindowsEvent event = windows_event(4697, record_id, ticks);
  const auto set = [&](const FieldTexts& texts) {
    for (const auto& [field, text] : texts) {
      if (text == "(none)")
        event.set(field, windows::Missing{});
      else
        event.set(field, text);
    }
  };
  set(changes);
  set({{Field::subject_user_sid, "S-1-5-21-1-2-3-500"},
       {Field::subject_user_name, "Administrator"},
       {Field::subject_domain_name, "CORP"},
       {Field::subject_logon_id, "0x8a38de"},
       {Field::service_name, "KrbSCM"},
       {Field::service_file_name, "\"C:\\Users\\alice\\KrbRelayUp.exe\" system 1"},
       {Field::service_type, "0x10"},
       {Field::service_start_type, "3"},
       {Field::service_account, "LocalSystem"}});
  return event;
}

}  // namespace krbtrail::test
