// SPDX-License-Identifier: Apache-2.0
#include "cli/confinement.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/sandbox.h"
#include "cli/text_file.h"
#include "krbtrail/live/privileges.h"

namespace krbtrail::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestUserName = 32;  // of useradd(8)
constexpr std::size_t kLongestPasswd = std::size_t{16} << 20U;

struct User {
  std::string name;
  live::AccountIds ids;
};

std::string_view next_field(std::string_view& line) {
  const std::size_t end = std::min(line.find(':'), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc{} && end == text.data() + text.size() && !text.empty()
             ? std::optional{value}
             : std::nullopt;
}

// "krbtrail:x:998:998:…", passwd(5).
std::optional<User> user_in(std::string_view line, std::string_view name) {
  if (next_field(line) != name)
    return std::nullopt;
  next_field(line);
  const auto uid = number(next_field(line));
  const auto gid = number(next_field(line));
  if (!uid || !gid)
    return std::nullopt;
  return User{.name = std::string{name}, .ids = {.uid = *uid, .gid = *gid}};
}

// In the file itself: a system account stands there, and to ask for others means network and
// libraries that root would load.
std::optional<User> find_user(std::string_view name) {
  const model::Result<std::string> text = read_text_file("/etc/passwd", kLongestPasswd);
  if (!text)
    return std::nullopt;
  std::string_view rest = text.value();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (auto user = user_in(rest.substr(0, end), name))
      return user;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::nullopt;
}

std::string words_for(const live::KeptCapabilities& kept) {
  std::string words;
  if (kept.read_search)
    words += " dac_read_search";
  if (kept.override)
    words += " dac_override";
  return "capabilities:" + (words.empty() ? " none" : words);
}

std::string words_for(const User& user) {
  return "user: " + user.name + " (" + std::to_string(user.ids.uid) + ")";
}

model::Result<Confinement> as_who_started_it(const RuntimeNeeds& needs) {
  const auto uid = static_cast<std::uint32_t>(::geteuid());
  const std::optional<User> user = needs.user.empty() ? std::nullopt : find_user(needs.user);
  if (!needs.user.empty() && (!user || user->ids.uid != uid))
    return model::Error{.message = "cannot become " + needs.user + ": not started by root",
                        .hint = ""};
  return Confinement{.layers = {"user: " + std::to_string(uid) + ", who started it",
                                "capabilities: those of who started it"},
                     .warning = {}};
}

model::Result<Confinement> as_user(const User& user, const RuntimeNeeds& needs) {
  const model::Result<live::KeptCapabilities> kept = live::become(
      user.ids, {.read = needs.reread, .written = needs.written, .connected = needs.connected});
  if (!kept)
    return kept.error();
  return Confinement{.layers = {words_for(user), words_for(kept.value())}, .warning = {}};
}

model::Result<Confinement> give_up_root(const RuntimeNeeds& needs) {
  if (!live::is_root())
    return as_who_started_it(needs);
  const std::string name = needs.user.empty() ? std::string{kPluginUser} : needs.user;
  std::optional<User> user = find_user(name);
  if (!user && !needs.user.empty())
    return model::Error{.message = "cannot become " + name + ": this computer has no such user",
                        .hint = "--user root stays root, with hardly a capability"};
  const bool stays = !user;
  model::Result<Confinement> confined =
      as_user(stays ? User{.name = "root", .ids = {}} : *user, needs);
  if (!confined && !needs.user.empty())
    return confined;
  if (!confined)
    return Confinement{.layers = {"user: root (0)", "capabilities: all"},
                       .warning = "stays root: " + confined.error().message};
  if (stays)
    confined.value().warning = "stays root, without its capabilities: this computer has no user " +
                               std::string{kPluginUser};
  return confined;
}

// An editor puts another file in the place of the old one: what is allowed is the folder, by its
// name here and where a link leads to.
void add_folders(std::vector<std::string>& folders, const std::string& file) {
  const fs::path path{file};
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(path, ignored);
  for (const fs::path& one : {path, real}) {
    if (one.empty())
      continue;
    const std::string folder = one.has_parent_path() ? one.parent_path().string() : ".";
    if (std::ranges::find(folders, folder) == folders.end())
      folders.push_back(folder);
  }
}

SandboxPaths sandbox_paths(const RuntimeNeeds& needs) {
  SandboxPaths paths{.unix_sockets = true};
  for (const std::string& file : needs.reread)
    add_folders(paths.readable, file);
  for (const std::string& file : needs.written) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode))
      paths.writable_files.push_back(file);
    else
      add_folders(paths.writable_directories, file);
  }
  return paths;
}

std::vector<std::string> walls(const RuntimeNeeds& needs) {
  if (!needs.starts_programs)
    return enter_sandbox(sandbox_paths(needs));
  const std::string why = ": off: the programs that an output starts would inherit it";
  const bool is_on = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  return {std::string{"no new privileges: "} + (is_on ? "on" : "off"), "landlock" + why,
          "seccomp" + why};
}

}  // namespace

model::Result<Confinement> confine(const RuntimeNeeds& needs) {
  model::Result<Confinement> confined = give_up_root(needs);
  if (!confined)
    return confined;
  for (std::string& layer : walls(needs))
    confined.value().layers.push_back(std::move(layer));
  return confined;
}

model::Status check_user_name(std::string_view name) {
  const auto is_odd = [](char c) {
    return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' &&
           c != '-' && c != '.';
  };
  if (name.empty() || name.size() > kLongestUserName || std::ranges::any_of(name, is_odd))
    return model::Error{.message = "'" + std::string{name} + "' is no name of a user", .hint = ""};
  return {};
}

}  // namespace krbtrail::cli
