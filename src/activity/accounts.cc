// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/accounts.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace krbtrail::activity {
namespace {

// "alice:x:1000:…" without its first field and colon; the field is the answer.
std::string_view take_until_colon(std::string_view& line) {
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  line.remove_prefix(colon == std::string_view::npos ? line.size() : colon + 1);
  return field;
}

std::optional<std::uint32_t> read_uid(std::string_view digits) {
  std::uint32_t uid = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, uid);
  return error == std::errc{} && stop == end ? std::optional{uid} : std::nullopt;
}

// auditd's words for ids without a name (audit-userspace 3.0.9, auparse/interpret.c).
bool is_name(std::string_view text) {
  return !text.empty() && text != "unset" && !text.starts_with("unknown(");
}

// auid -> AUID: the names of kernel fields are ASCII.
std::string upper_case(std::string_view field) {
  std::string upper{field};
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return upper;
}

}  // namespace

Accounts::Accounts(std::string_view passwd) {
  while (!passwd.empty()) {
    const std::size_t end = passwd.find('\n');
    std::string_view line = passwd.substr(0, end);
    passwd.remove_prefix(end == std::string_view::npos ? passwd.size() : end + 1);
    const std::string_view name = take_until_colon(line);
    take_until_colon(line);
    const auto uid = read_uid(take_until_colon(line));
    const bool is_entry =
        uid && !name.empty() && name[0] != '#' && name[0] != '+' && name[0] != '-';
    if (is_entry)
      names_.try_emplace(*uid, name);
  }
}

std::optional<std::string> Accounts::name_of(const audit::DecodedRecord& record,
                                             std::string_view field) const {
  if (!record.enriched.empty()) {
    const auto enriched = record.enriched_value(upper_case(field));
    if (enriched && is_name(*enriched))
      return std::string{*enriched};
  }
  const auto uid = record.number(field);
  if (!uid || *uid < 0 || *uid >= 0xFFFFFFFF)
    return std::nullopt;
  return name_of(static_cast<std::uint32_t>(*uid));
}

std::optional<std::string> Accounts::name_of(std::uint32_t uid) const {
  const auto found = names_.find(uid);
  return found == names_.end() ? std::nullopt : std::optional{found->second};
}

}  // namespace krbtrail::activity
