// SPDX-License-Identifier: Apache-2.0
#include "cli/passwd_file.h"

#include <cstddef>

#include "cli/text_file.h"
#include "krbtrail/activity/accounts.h"

namespace krbtrail::cli {

model::Result<std::string> read_passwd(const std::string& path) {
  constexpr std::size_t kLimit = std::size_t{16} << 20U;
  if (path.empty())
    return std::string{};
  model::Result<std::string> text = read_text_file(path, kLimit);
  if (text && activity::Accounts{text.value()}.empty())
    return model::Error{.message = path + ": holds no account",
                        .hint = "--passwd wants the suspect host's /etc/passwd"};
  return text;
}

}  // namespace krbtrail::cli
