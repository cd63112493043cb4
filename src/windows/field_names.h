// SPDX-License-Identifier: Apache-2.0
//
// What the fields of the raw log are called elsewhere: in ECS, in forwarders' flat objects, by
// position. One table each, with its source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "krbtrail/windows/event.h"

namespace krbtrail::windows {

// A field by the name that a flat object or a column has for it: the raw name, also with the suffix
// that Log Analytics gives a field whose type changed ("ProcessId_string").
[[nodiscard]] std::optional<Field> field_of_column(std::string_view name);

// What ECS (winlogbeat's and Elastic Agent's ingest pipelines for the Security log) makes of fields
// of an event: "source.ip" is IpAddress. Some names mean another field in another event.
[[nodiscard]] std::optional<Field> field_of_ecs(std::string_view path, std::uint32_t event_id);
// The paths that field_of_ecs() knows, some of them more than once.
struct EcsName {
  std::string_view path;
  std::uint32_t event_id = 0;  // 0: in any event
  Field field{};
};
[[nodiscard]] std::span<const EcsName> ecs_names();

// The fields of an event in the order of its template, as Get-WinEvent's Properties has them; the
// templates of adtschema.dll, 4624 version 2 and 4697 version 1. Versions before leave out the last
// ones. nullopt for a position that is not kept. Empty for other events.
[[nodiscard]] std::span<const std::optional<Field>> fields_by_position(std::uint32_t event_id);

}  // namespace krbtrail::windows
