// SPDX-License-Identifier: Apache-2.0
//
// The exceptions as --exceptions FILE has them, and as --propose-exception writes them:
// krbtrail.conf(5).
//
//   [exception nightly-backup]
//   rule = seed-copy-exfil
//   …                                     # one key for each pinned path; detect/exceptions.h
//   expires = 2027-01-31                  # before this; ISO 8601 or epoch, UTC unless zoned
//   from = 2027-01-01                     # may be left out
//   reason = backup of the build hosts, asked for in CR 4711
#pragma once

#include <string>
#include <vector>

#include "cli/ini_file.h"
#include "krbtrail/detect/exceptions.h"
#include "krbtrail/model/error.h"
#include "krbtrail/model/finding.h"

namespace krbtrail::cli {

// Those without a mistake; what is wrong with the others names the line.
[[nodiscard]] std::vector<detect::Exception> read_exceptions(const IniFile& file,
                                                             Mistakes& mistakes);

// The file at `path`; none if `path` is empty.
[[nodiscard]] std::vector<detect::Exception> load_exceptions(const std::string& path,
                                                             Mistakes& mistakes);

// The entry to paste for a finding. It lacks a reason, which is a person's to give: as it stands
// it is refused. An Error where there must be none.
[[nodiscard]] model::Result<std::string> propose_exception(const model::Finding& finding);

}  // namespace krbtrail::cli
