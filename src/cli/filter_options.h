// SPDX-License-Identifier: Apache-2.0
//
// The options that say which findings a report holds, of every command that writes one.
#pragma once

#include <array>
#include <string_view>

#include "cli/finding_filter.h"
#include "cli/options.h"
#include "krbtrail/model/error.h"

namespace krbtrail::cli {

inline constexpr std::array<std::string_view, 5> kSeverities{"info", "low", "medium", "high",
                                                             "critical"};

inline constexpr Option kMinSeverityOption{.name = "min-severity",
                                           .value = "LEVEL",
                                           .help = "hide what is less severe, not of --rules seed",
                                           .fallback = "low",
                                           .words = kSeverities,
                                           .group = "What to look for"};
inline constexpr Option kSinceOption{.name = "since",
                                     .value = "TIME",
                                     .help = "findings from TIME on: ISO 8601 or epoch, UTC",
                                     .group = "What to look for"};
inline constexpr Option kUntilOption{
    .name = "until", .value = "TIME", .help = "findings before TIME", .group = "What to look for"};
inline constexpr Option kHostOption{.name = "host",
                                    .value = "NAME",
                                    .help = "findings on host NAME; may be repeated",
                                    .repeatable = true,
                                    .group = "What to look for"};
inline constexpr Option kShowSuppressedOption{.name = "show-suppressed",
                                              .help = "with the findings that exceptions suppress",
                                              .group = "Output"};

// Of a command that has the five options above.
[[nodiscard]] model::Result<FindingFilter> read_filter(const Arguments& arguments);

}  // namespace krbtrail::cli
