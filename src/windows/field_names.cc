// SPDX-License-Identifier: Apache-2.0
#include "field_names.h"

#include <algorithm>
#include <array>

namespace krbtrail::windows {
namespace {

constexpr std::uint32_t kLogon = 4624;
constexpr std::uint32_t kServiceInstalled = 4697;
constexpr std::uint32_t kAnyEvent = 0;

constexpr std::array kEcsNames = {
    EcsName{"source.ip", kAnyEvent, Field::ip_address},
    EcsName{"source.port", kAnyEvent, Field::ip_port},
    EcsName{"process.pid", kAnyEvent, Field::process_id},
    EcsName{"process.executable", kAnyEvent, Field::process_name},
    EcsName{"winlog.logon.type", kAnyEvent, Field::logon_type},
    EcsName{"winlog.logon.id", kLogon, Field::target_logon_id},
    EcsName{"winlog.logon.id", kServiceInstalled, Field::subject_logon_id},
    EcsName{"user.id", kLogon, Field::target_user_sid},
    EcsName{"user.name", kLogon, Field::target_user_name},
    EcsName{"user.domain", kLogon, Field::target_domain_name},
    EcsName{"user.id", kServiceInstalled, Field::subject_user_sid},
    EcsName{"user.name", kServiceInstalled, Field::subject_user_name},
    EcsName{"user.domain", kServiceInstalled, Field::subject_domain_name},
    EcsName{"service.name", kServiceInstalled, Field::service_name},
};

constexpr std::array<std::optional<Field>, 27> kLogonPositions = {
    Field::subject_user_sid,
    Field::subject_user_name,
    Field::subject_domain_name,
    Field::subject_logon_id,
    Field::target_user_sid,
    Field::target_user_name,
    Field::target_domain_name,
    Field::target_logon_id,
    Field::logon_type,
    Field::logon_process_name,
    Field::authentication_package_name,
    Field::workstation_name,
    Field::logon_guid,
    Field::transmitted_services,
    Field::lm_package_name,
    Field::key_length,
    Field::process_id,
    Field::process_name,
    Field::ip_address,
    Field::ip_port,
    Field::impersonation_level,
    Field::restricted_admin_mode,
    Field::target_outbound_user_name,
    Field::target_outbound_domain_name,
    Field::virtual_account,
    Field::target_linked_logon_id,
    Field::elevated_token,
};

constexpr std::array<std::optional<Field>, 12> kServicePositions = {
    Field::subject_user_sid,    Field::subject_user_name,
    Field::subject_domain_name, Field::subject_logon_id,
    Field::service_name,        Field::service_file_name,
    Field::service_type,        Field::service_start_type,
    Field::service_account,     Field::client_process_start_key,
    Field::client_process_id,   Field::parent_process_id,
};

}  // namespace

std::optional<Field> field_of_column(std::string_view name) {
  constexpr std::string_view kTypeSuffix = "_string";
  if (const auto field = field_of(name))
    return field;
  if (!name.ends_with(kTypeSuffix))
    return std::nullopt;
  return field_of(name.substr(0, name.size() - kTypeSuffix.size()));
}

std::span<const EcsName> ecs_names() {
  return kEcsNames;
}

std::optional<Field> field_of_ecs(std::string_view path, std::uint32_t event_id) {
  const auto* const found = std::ranges::find_if(kEcsNames, [&](const EcsName& known) {
    return known.path == path && (known.event_id == kAnyEvent || known.event_id == event_id);
  });
  if (found == kEcsNames.end())
    return std::nullopt;
  return found->field;
}

std::span<const std::optional<Field>> fields_by_position(std::uint32_t event_id) {
  if (event_id == kLogon)
    return kLogonPositions;
  if (event_id == kServiceInstalled)
    return kServicePositions;
  return {};
}

}  // namespace krbtrail::windows
