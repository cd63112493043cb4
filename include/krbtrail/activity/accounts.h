// SPDX-License-Identifier: Apache-2.0
//
// Account names for the uids of the host that the log came from.
//
//   const Accounts accounts{text_of_its_passwd_file};
//   accounts.name_of(syscall_record, "uid");
//
// A name comes from the record's own enriched part, else from the passwd text that was handed in,
// and never from the machine that this program runs on. Names are not learned from other records:
// what one record is called must not depend on which others were read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "krbtrail/audit/decoder.h"

namespace krbtrail::activity {

class Accounts {
 public:
  Accounts() = default;
  // The content of a passwd(5) file. Lines that are none are skipped; of two lines with one uid the
  // first counts, as it does for getpwuid(3).
  explicit Accounts(std::string_view passwd);

  // True if the passwd text held no account.
  [[nodiscard]] bool empty() const { return names_.empty(); }

  // Of the uid in `field` ("uid", "auid"). Unset if neither source has a name for it.
  [[nodiscard]] std::optional<std::string> name_of(const audit::DecodedRecord& record,
                                                   std::string_view field) const;
  [[nodiscard]] std::optional<std::string> name_of(std::uint32_t uid) const;

 private:
  std::unordered_map<std::uint32_t, std::string> names_;
};

}  // namespace krbtrail::activity
