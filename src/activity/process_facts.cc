// SPDX-License-Identifier: Apache-2.0
#include "activity/process_facts.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>

#include "krbtrail/activity/command_line.h"

namespace krbtrail::activity {
namespace {

using audit::RecordType;

bool says_nothing(std::string_view raw) {
  return raw == "(null)" || raw == "(none)" || raw == "?";
}

// The kernel names what execve(2) was told to run first (kernel/auditsc.c, audit_log_exit).
const audit::DecodedRecord* executed_file(const audit::DecodedEvent& event) {
  const auto found = std::ranges::find_if(event.records, [](const audit::DecodedRecord& record) {
    return record.type == RecordType::path && record.value("item") == "0";
  });
  return found == event.records.end() ? nullptr : &*found;
}

Identity identity_of(const audit::DecodedRecord& record, const Accounts& accounts) {
  return {.auid = id_of(record, "auid"),
          .uid = id_of(record, "uid"),
          .euid = id_of(record, "euid"),
          .fsuid = id_of(record, "fsuid"),
          .ses = id_of(record, "ses"),
          .tty = std::string{text_of(record, "tty")},
          .account_name = accounts.name_of(record, "uid")};
}

}  // namespace

std::string_view text_of(const audit::DecodedRecord& record, std::string_view field) {
  const audit::Field* found = record.field(field);
  return found == nullptr || says_nothing(found->raw) ? std::string_view{} : found->value;
}

std::optional<std::uint32_t> id_of(const audit::DecodedRecord& record, std::string_view field) {
  constexpr std::int64_t kUnset = std::numeric_limits<std::uint32_t>::max();
  const auto number = record.number(field);
  if (!number || *number < 0 || *number >= kUnset)
    return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

audit::Syscall syscall_of(const audit::DecodedRecord& record) {
  const auto arch = record.hex("arch");
  const auto number = record.number("syscall");
  if (!arch || !number || *number < 0)
    return audit::Syscall::other;
  const audit::Syscall syscall =
      audit::syscall_of(static_cast<std::uint32_t>(*arch), static_cast<std::uint32_t>(*number));
  const auto name = record.enriched_value("SYSCALL");
  return syscall == audit::Syscall::other && name ? audit::syscall_named(*name) : syscall;
}

bool succeeded(const audit::DecodedRecord& record) {
  return record.value("success") == "yes";
}

std::optional<std::uint32_t> mode_of(const audit::DecodedRecord& path) {
  const auto text = path.value("mode");
  if (!text)
    return std::nullopt;
  std::uint32_t mode = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, mode, 8);
  return error == std::errc{} && stop == end ? std::optional{mode} : std::nullopt;
}

const audit::DecodedRecord* actor_record(const audit::DecodedEvent& event) {
  const audit::DecodedRecord* syscall = event.first(RecordType::syscall);
  return syscall != nullptr ? syscall : event.first(RecordType::uringop);
}

Process actor_of(const audit::DecodedRecord& record, const Accounts& accounts) {
  Process process;
  process.pid = id_of(record, "pid");
  process.ppid = id_of(record, "ppid");
  process.identity = identity_of(record, accounts);
  process.exe = text_of(record, "exe");
  process.comm = text_of(record, "comm");
  return process;
}

Process new_image_of(const audit::DecodedEvent& event, const Accounts& accounts) {
  Process process;
  if (const auto* record = actor_record(event); record != nullptr)
    process = actor_of(*record, accounts);
  CommandLine line = command_line_of(event);
  process.argv = std::move(line.argv);
  process.command_line = std::move(line.text);
  process.command_line_source = line.source;
  if (const auto* cwd = event.first(RecordType::cwd); cwd != nullptr)
    process.cwd = text_of(*cwd, "cwd");
  if (const auto* file = executed_file(event); file != nullptr) {
    process.file_owner = id_of(*file, "ouid");
    process.file_mode = mode_of(*file);
  }
  process.source = ProcessSource::exec;
  return process;
}

std::vector<std::string> keys_of(const audit::DecodedEvent& event) {
  std::vector<std::string> keys;
  const audit::DecodedRecord* record = actor_record(event);
  if (record == nullptr)
    return keys;
  for (const audit::Field& field : record->fields)
    if (field.name == "key" && !says_nothing(field.raw))
      keys.emplace_back(field.value);
  return keys;
}

}  // namespace krbtrail::activity
