// SPDX-License-Identifier: Apache-2.0
#include "cli/passwd_file.h"

#include <cstddef>

#include "cli/text_file.h"
#include "krbtrail/activity/accounts.h"

namespace krbtrail::cli {

namespace {

constexpr std::size_t kLimit = std::size_t{16} << 20U;

}  // namespace

model::Result<std::string> read_passwd(const std::string& path) {
  if (path.empty())
    return std::string{};
  model::Result<std::string> text = read_text_file(path, kLimit);
  if (text && activity::Accounts{text.value()}.empty())
    return model::Error{.message = path + ": holds no account",
                        .hint = "--passwd wants the suspect host's /etc/passwd"};
  return text;
}

model::Result<std::string> account_names(const std::string& path, const input::Evidence& evidence,
                                         std::vector<std::string>& notes) {
  if (!path.empty() || !evidence.image)
    return read_passwd(path);
  model::Result<std::string> text = evidence.image->read_text("etc/passwd", kLimit);
  if (text)
    return text;
  notes.push_back(text.error().message);
  return std::string{};
}

}  // namespace krbtrail::cli
