// SPDX-License-Identifier: Apache-2.0
//
// The passwd file of a seized host: whoever is named by it stands so in a line of it, and of two
// lines with one uid the first counts.
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "fuzz/require.h"
#include "krbtrail/activity/accounts.h"

namespace krbtrail::fuzz {
namespace {

std::string_view take(std::string_view& text, char end) {
  const std::size_t size = std::min(text.find(end), text.size());
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return taken;
}

// The uids that any field of the text could be, with the name in front of the first.
std::map<std::uint32_t, std::string_view> named_in(std::string_view passwd) {
  std::map<std::uint32_t, std::string_view> names;
  while (!passwd.empty()) {
    std::string_view line = take(passwd, '\n');
    const std::string_view name = take(line, ':');
    take(line, ':');
    const std::string_view digits = take(line, ':');
    std::uint32_t uid = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), uid);
    const bool is_number = read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
    if (is_number && name.find_first_of("#+-") != 0 && !name.empty())
      names.try_emplace(uid, name);
  }
  return names;
}

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace krbtrail;
  const std::string_view passwd{reinterpret_cast<const char*>(data), size};
  const activity::Accounts accounts{passwd};
  const auto named = fuzz::named_in(passwd);
  fuzz::require(accounts.empty() == named.empty(), "no account is no line of one");
  for (const auto& [uid, name] : named)
    fuzz::require(accounts.name_of(uid) == name, "the first line of a uid names it");
  for (const std::uint32_t uid : {0U, 1U, 1000U, 65534U, 0xFFFFFFFFU})
    fuzz::require(accounts.name_of(uid).has_value() == named.contains(uid), "nobody else is named");
  return 0;
}
