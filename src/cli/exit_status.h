// SPDX-License-Identifier: Apache-2.0
//
// What the caller's script learns from `$?`. An interface: the numbers never change.
#pragma once

#include "krbtrail/model/coverage.h"

namespace krbtrail::cli {

enum class ExitStatus : int {
  clean = 0,        // nothing found, and everything was evaluated
  findings = 1,     // also where evidence was left unread: the summary then says INCOMPLETE
  usage = 2,        // a wrong option, value or configuration; no evidence was read
  incomplete = 3,   // nothing found, but something was not read or not evaluated
  output_lost = 4,  // the output could not be written whole; outranks all others
};

// Of a run whose output is whole.
[[nodiscard]] ExitStatus status_of(const model::Coverage& coverage, const model::Summary& summary);

}  // namespace krbtrail::cli
