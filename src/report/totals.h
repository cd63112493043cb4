// SPDX-License-Identifier: Apache-2.0
//
// Counts in words, for text and for the last row of CSV.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/coverage.h"

namespace krbtrail::report {

// "1,234,567"
[[nodiscard]] std::string grouped(std::uint64_t number);

// "1 finding", "1,234 findings"
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view singular,
                                  std::string_view plural);

// "3 findings (1 high, 2 medium)"
[[nodiscard]] std::string findings_in_words(const model::Summary& summary);

// Why the run is incomplete, one phrase a cause: empty exactly if Coverage::incomplete() is false.
[[nodiscard]] std::vector<std::string> losses(const model::Coverage& coverage);

// What was found, hidden and not read, in one line.
[[nodiscard]] std::string summary_sentence(const model::Coverage& coverage,
                                           const model::Summary& summary);

}  // namespace krbtrail::report
