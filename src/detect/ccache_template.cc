// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/ccache_template.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace krbtrail::detect {
namespace {

// Paths hold no NUL, so it can stand for a variable.
constexpr char kVariable = '\0';
constexpr std::size_t kLongestTemplate = 4096;  // PATH_MAX
constexpr std::size_t kShortestLiteral = 3;
constexpr std::size_t kShortestNameLiteral = 4;
constexpr std::size_t kRandomLetters = 6;  // mkstemp(3)

constexpr std::array<std::string_view, 5> kTypes = {"FILE", "DIR", "KEYRING", "KCM", "MEMORY"};

// Folders of everybody: nothing tells a ticket from another file that lies right in them.
constexpr std::array<std::string_view, 10> kSharedFolders = {
    "", "/tmp", "/var", "/var/tmp", "/dev/shm", "/run", "/run/user", "/home", "/etc", "/usr"};

struct Variable {
  std::string_view spelling;
  bool is_uid = false;
  bool is_folder = false;  // may hold slashes, and stands in front of the path
};

constexpr std::array kVariables = {
    Variable{.spelling = "%{uid}", .is_uid = true},
    Variable{.spelling = "%{euid}", .is_uid = true},
    Variable{.spelling = "%{USERID}", .is_uid = true},
    Variable{.spelling = "%{username}"},
    Variable{.spelling = "%{null}"},
    Variable{.spelling = "%{TEMP}", .is_folder = true},
    // In sssd.conf %U is the uid and %u the name; pam_krb5 has %u for the uid. Both are accounts.
    Variable{.spelling = "%U", .is_uid = true},
    Variable{.spelling = "%u"},
    Variable{.spelling = "%p"},
    Variable{.spelling = "%P"},
    Variable{.spelling = "%r"},
    Variable{.spelling = "%H"},
    Variable{.spelling = "%h", .is_folder = true},
    Variable{.spelling = "%d", .is_folder = true},
};

model::Error error(std::string message, std::string hint = {}) {
  return {.message = std::move(message), .hint = std::move(hint)};
}

std::string quoted(std::string_view text) {
  return "'" + std::string{text} + "'";
}

const Variable* variable_at(std::string_view rest) {
  const auto* const found = std::ranges::find_if(
      kVariables, [&](const Variable& variable) { return rest.starts_with(variable.spelling); });
  return found == kVariables.end() ? nullptr : &*found;
}

bool is_type_letter(char letter) {
  return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
}

// A path with kVariable in place of each variable.
struct Expanded {
  std::string path;
  bool rooted = true;
  bool only_uids = true;
};

// One name against one pattern, in which each kVariable stands for one byte or more. What follows
// the last variable that was met is tried further and further on, which is enough: an earlier one
// never has to give back what it took.
bool name_fits(std::string_view pattern, std::string_view name) {
  std::size_t at = 0;
  std::size_t in_name = 0;
  std::size_t after_variable = std::string_view::npos;
  std::size_t retry = 0;
  while (in_name < name.size()) {
    if (at < pattern.size() && pattern[at] == kVariable) {
      after_variable = ++at;
      retry = ++in_name;
    } else if (at < pattern.size() && pattern[at] == name[in_name]) {
      ++at;
      ++in_name;
    } else if (after_variable != std::string_view::npos) {
      at = after_variable;
      in_name = ++retry;
    } else {
      return false;
    }
  }
  return at == pattern.size();
}

std::vector<std::string> names_of(std::string_view path) {
  std::vector<std::string> names;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end != 0 && path.substr(0, end) != ".")
      names.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(path.size(), end + 1));
  }
  return names;
}

std::string_view longest_literal(std::string_view name) {
  std::string_view longest;
  while (!name.empty()) {
    const std::string_view piece = name.substr(0, name.find(kVariable));
    if (piece.size() > longest.size())
      longest = piece;
    name.remove_prefix(std::min(name.size(), piece.size() + 1));
  }
  return longest;
}

model::Result<Expanded> expand(std::string_view text) {
  Expanded expanded;
  const auto end_of_names = text.find_last_not_of('X');
  const std::size_t random = text.size() - (end_of_names + 1);
  if (random >= kRandomLetters)
    text.remove_suffix(random);
  while (!text.empty()) {
    if (text.front() != '%') {
      expanded.path += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (text.starts_with("%%")) {
      expanded.path += '%';
      text.remove_prefix(2);
      continue;
    }
    const Variable* variable = variable_at(text);
    if (variable == nullptr) {
      const std::size_t size = text.starts_with("%{") ? text.find('}') : 1;
      if (size == std::string_view::npos)
        return error("'%{' without a '}'");
      return error("unknown variable " + quoted(text.substr(0, size + 1)),
                   "known are %{uid}, %{username} and those of sssd-krb5(5) and pam_krb5(5)");
    }
    text.remove_prefix(variable->spelling.size());
    if (variable->is_folder && expanded.path.empty()) {
      expanded.rooted = false;
      continue;
    }
    expanded.only_uids = expanded.only_uids && variable->is_uid;
    expanded.path += kVariable;
  }
  if (random >= kRandomLetters) {
    expanded.path += kVariable;
    expanded.only_uids = false;
  }
  return expanded;
}

}  // namespace

std::string_view to_string(CcacheType type) {
  return kTypes[static_cast<std::size_t>(type)];
}

model::Result<CcacheTemplate> CcacheTemplate::parse(std::string_view text) {
  if (text.empty())
    return error("a place for tickets is empty");
  if (text.size() > kLongestTemplate)
    return error("a place for tickets is longer than a path can be");
  if (text.find('\0') != std::string_view::npos)
    return error("a place for tickets holds a NUL byte");
  CcacheTemplate place;
  place.text_ = text;
  const auto* const colon = std::ranges::find_if_not(text, is_type_letter);
  std::string_view rest = text;
  if (colon != text.end() && *colon == ':') {
    const std::string_view type = text.substr(0, static_cast<std::size_t>(colon - text.begin()));
    const auto* const known = std::ranges::find(kTypes, type);
    if (known == kTypes.end())
      return error("unknown type of ticket cache " + quoted(type),
                   "one of FILE, DIR, KEYRING, KCM, MEMORY");
    place.type_ = static_cast<CcacheType>(known - kTypes.begin());
    rest.remove_prefix(type.size() + 1);
  }
  if (!place.is_on_disk())
    return place;
  if (rest.starts_with(':')) {  // DIR::/run/user/1000/krb5cc/tkt: one file of the directory
    rest.remove_prefix(1);
    place.type_ = CcacheType::file;
  }
  if (model::Status parsed = place.parse_path(rest); !parsed)
    return parsed.error();
  return place;
}

model::Status CcacheTemplate::parse_path(std::string_view path) {
  const model::Result<Expanded> expanded = expand(path);
  if (!expanded)
    return expanded.error();
  rooted_ = expanded->rooted;
  if (!expanded->path.starts_with('/'))
    return error(quoted(path) + " is not an absolute path");
  names_ = names_of(expanded->path);
  if (std::ranges::find(names_, "..") != names_.end())
    return error(quoted(path) + " has a '..' in it");
  find_literals();
  if (rooted_ && expanded->only_uids)
    per_uid_ = expanded->path;
  return check_breadth();
}

void CcacheTemplate::find_literals() {
  for (const std::string& name : names_) {
    if (const std::string_view longest = longest_literal(name); longest.size() > literal_.size())
      literal_ = longest;
  }
  // A name that is known by its inode alone has no folder in its event, so the last name is best.
  if (!names_.empty() && type_ == CcacheType::file) {
    name_literal_ = longest_literal(names_.back());
    if (name_literal_.size() >= kShortestNameLiteral)
      literal_ = name_literal_;
  }
  if (!rooted_)
    return;
  const auto fixed = type_ == CcacheType::dir || names_.empty() ? names_.end() : names_.end() - 1;
  for (auto name = names_.begin(); name != fixed; ++name) {
    if (name->find(kVariable) != std::string::npos)
      break;
    fixed_folder_ += "/" + *name;
  }
}

model::Status CcacheTemplate::check_breadth() const {
  if (literal_.size() < kShortestLiteral)
    return error("no name in " + quoted(text_) + " has three fixed letters in a row",
                 "every file on the system could be a ticket");
  std::string folder;
  for (std::size_t i = 0; i + 1 < names_.size(); ++i)
    folder += "/" + names_[i];
  const bool is_any_name = longest_literal(names_.back()).empty();
  const bool is_shared_itself =
      type_ == CcacheType::dir &&
      std::ranges::find(kSharedFolders, folder + "/" + names_.back()) != kSharedFolders.end();
  if (rooted_ &&
      ((is_any_name && std::ranges::find(kSharedFolders, folder) != kSharedFolders.end()) ||
       is_shared_itself))
    return error(quoted(text_) + " would make a ticket of every file in a folder of everybody",
                 "a fixed part in the last name tells tickets from other files: krb5cc_%{uid}");
  return {};
}

bool CcacheTemplate::matches(std::string_view path) const {
  if (names_.empty() || !path.starts_with('/'))
    return false;
  const std::vector<std::string> names = names_of(path);
  const std::size_t fewest =
      names_.size() + (type_ == CcacheType::dir ? 1U : 0U) + (rooted_ ? 0U : 1U);
  if (names.size() < fewest)
    return false;
  const auto fits_at = [&](std::size_t first) {
    return std::equal(names_.begin(), names_.end(),
                      names.begin() + static_cast<std::ptrdiff_t>(first), name_fits);
  };
  if (rooted_)
    return (type_ == CcacheType::dir || names.size() == names_.size()) && fits_at(0);
  const std::size_t last = names.size() - names_.size();
  if (type_ == CcacheType::file)
    return fits_at(last);
  for (std::size_t first = 1; first < last; ++first) {
    if (fits_at(first))
      return true;
  }
  return false;
}

bool CcacheTemplate::may_be_named(std::string_view base_name) const {
  return name_literal_.size() >= kShortestNameLiteral && name_fits(names_.back(), base_name);
}

std::optional<std::string> CcacheTemplate::path_of(std::uint32_t uid) const {
  if (per_uid_.empty() || type_ != CcacheType::file)
    return std::nullopt;
  std::string path;
  for (const char byte : per_uid_) {
    if (byte == kVariable)
      path += std::to_string(uid);
    else
      path += byte;
  }
  return path;
}

}  // namespace krbtrail::detect
