// SPDX-License-Identifier: Apache-2.0
//
// Windows Security logs of any size in the forms that krbtrail reads, for measuring: one record in
// four is a logon, one in two thousand a service, two in five are of no interest to any question.
//
//   const std::string log = windows_log(WindowsForm::evtx, 32'000'000);
//
// The same form and size give the same bytes. No pair of them is a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace krbtrail::bench {

enum class WindowsForm : std::uint8_t { evtx, xml, json, csv, text };
[[nodiscard]] std::optional<WindowsForm> parse_windows_form(std::string_view word);

// At least `bytes`, by less than one record or, of EVTX, one chunk.
[[nodiscard]] std::string windows_log(WindowsForm form, std::size_t bytes);

}  // namespace krbtrail::bench
