// SPDX-License-Identifier: Apache-2.0
//
// What is suspicious about an installed service, each trait with its reason in plain words.
//
//   for (const model::Reason& trait : service_traits({.name = "KrbSCM", …}))
//
// A trait is a lead, not a verdict: installers use temporary paths, and half of all services run as
// LocalSystem. Points are unset, since the rule does not score. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/finding.h"

namespace krbtrail::detect {

// As the event has them; empty where the export lacks the field.
struct ServiceFacts {
  std::string_view name = {};
  std::string_view file_name = {};
  std::string_view account = {};
  std::string_view type = {};
  std::string_view client_process_id = {};
  std::string_view parent_process_id = {};
};

// In order of weight: tool names first.
[[nodiscard]] std::vector<model::Reason> service_traits(const ServiceFacts& service);

// Whether public Kerberos relay tools give their service this name unless told otherwise.
[[nodiscard]] bool is_relay_tool_name(std::string_view service_name);

// "3 (manual)", "0x10 (own process)"; a value that is not known stays as it is.
[[nodiscard]] std::string start_type_in_words(std::string_view value);
[[nodiscard]] std::string service_type_in_words(std::string_view value);

// The text behind PowerShell's -EncodedCommand (base64 of UTF-16LE), at most kPreviewLimit bytes of
// it; unset if there is none.
inline constexpr std::size_t kPreviewLimit = 200;
[[nodiscard]] std::optional<std::string> encoded_command(std::string_view command_line);

// Whether a name looks made up by a program rather than by a person: eight letters and more without
// a vowel in five, or letters and digits that change places three times and more.
[[nodiscard]] bool looks_random(std::string_view name);

}  // namespace krbtrail::detect
