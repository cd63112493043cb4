// SPDX-License-Identifier: Apache-2.0
#include "detect/process_names.h"

#include <algorithm>

#include "krbtrail/detect/kusto_text.h"

namespace krbtrail::detect {
namespace {

constexpr std::string_view kDeleted = " (deleted)";
constexpr std::array<std::string_view, 3> kMultiCall = {"busybox", "toybox", "coreutils"};

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') +
                     1);  // npos + 1 is 0: a path without a slash is its base name
}

bool is_version(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "python3" of "python3.11"; empty if `name` is not `plain`, a point and a number.
std::string_view without_minor_version(std::string_view name, std::string_view plain) {
  const bool versioned = starts_with(name, plain) && name.size() > plain.size() &&
                         name[plain.size()] == '.' && is_version(name.substr(plain.size() + 1));
  return versioned ? plain : std::string_view{};
}

// GNU's coreutils built as one binary run an applet by this argument.
std::string_view coreutils_program(std::string_view argument) {
  for (const std::string_view option :
       {std::string_view{"--coreutils-prog-shebang="}, std::string_view{"--coreutils-prog="}}) {
    if (argument.substr(0, option.size()) == option)
      return argument.substr(option.size());
  }
  return argument;
}

}  // namespace

std::string_view image_name(const activity::Process& process) {
  if (process.exe.empty())
    return process.comm;
  std::string_view exe = process.exe;
  if (exe.size() >= kDeleted.size() && exe.substr(exe.size() - kDeleted.size()) == kDeleted)
    exe.remove_suffix(kDeleted.size());
  return base_name(exe);
}

std::string_view alias_of(std::string_view name) {
  for (const std::string_view python : {std::string_view{"python3"}, std::string_view{"python2"}}) {
    if (const auto plain = without_minor_version(name, python); !plain.empty())
      return plain;
  }
  for (const std::string_view plain : {std::string_view{"nc"}, std::string_view{"vim"}}) {
    if (name.size() > plain.size() + 1 && starts_with(name, plain) && name[plain.size()] == '.')
      return plain;
  }
  if (ends_with(name, "-linux-gnu-strings"))
    return "strings";
  return {};
}

std::string_view to_string(NameSource source) {
  switch (source) {
    case NameSource::exe:
      return "exe";
    case NameSource::argv0:
      return "argv[0]";
    case NameSource::comm:
      return "comm";
    case NameSource::alias:
      return "alias";
    case NameSource::applet:
      return "applet";
  }
  return "";
}

ProcessNames::ProcessNames(const activity::Process& process, Scope scope) {
  add(image_name(process), process.exe.empty() ? NameSource::comm : NameSource::exe);
  if (scope == Scope::image_only)
    return;
  if (!process.argv.empty())
    add(base_name(process.argv.front()), NameSource::argv0);
  add(process.comm, NameSource::comm);
  for (std::size_t named = count_, i = 0; i < named; ++i)
    add(alias_of(candidates_[i].name), NameSource::alias);
  add_applet(process);
}

const Candidate* ProcessNames::find(std::span<const std::string_view> list) const {
  const auto found = std::ranges::find_if(candidates(), [&](const Candidate& candidate) {
    return in_ignore_case(candidate.name, list);
  });
  return found == candidates().end() ? nullptr : &*found;
}

void ProcessNames::add(std::string_view name, NameSource source) {
  if (!name.empty())
    candidates_[count_++] = {name, source};
}

// Called by its own name, a multi-call binary is told the applet in argv[1]; called by the applet's
// name, argv[0] says it and is a candidate already.
void ProcessNames::add_applet(const activity::Process& process) {
  if (process.argv.size() < 2 || !in_ignore_case(base_name(process.argv[0]), kMultiCall))
    return;
  add(base_name(coreutils_program(process.argv[1])), NameSource::applet);
}

}  // namespace krbtrail::detect
