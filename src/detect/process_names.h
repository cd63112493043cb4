// SPDX-License-Identifier: Apache-2.0
//
// The names that a process is known by, where a rule asks whether its name is on a list.
//
// On Linux the file that runs is not what was typed: python3 is /usr/bin/python3.11, nc is
// /usr/bin/nc.openbsd, cat may be busybox. The exe path is honest, comm and argv[0] are set at
// will. So a list of suspects is held against all candidates, an exemption against image_name()
// alone.
//
//   const ProcessNames names{process};
//   if (const Candidate* found = names.find(kExfilCommands)) …
//
// Everything views into the Process, which must outlive it. Builds no string.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "krbtrail/activity/activity.h"

namespace krbtrail::detect {

// The base name of exe without " (deleted)"; comm where exe is absent: Process::name() as a view.
[[nodiscard]] std::string_view image_name(const activity::Process& process);

// The name that Debian's packages give a program behind its plain one: python3 for python3.11, nc
// for nc.openbsd, vim for vim.basic, strings for x86_64-linux-gnu-strings. Empty if `name` is no
// such.
[[nodiscard]] std::string_view alias_of(std::string_view name);

enum class NameSource : std::uint8_t { exe, argv0, comm, alias, applet };

// In words, for a reason: "exe", "argv[0]", "comm", "alias", "applet".
[[nodiscard]] std::string_view to_string(NameSource source);

struct Candidate {
  std::string_view name;  // never empty
  NameSource source = NameSource::exe;
};

// Candidates in the order exe, argv[0], comm, their aliases, the applet of a multi-call binary
// (busybox, toybox, coreutils).
class ProcessNames {
 public:
  // image_only: the image's name alone, as the strict reading wants it.
  enum class Scope : std::uint8_t { all, image_only };
  explicit ProcessNames(const activity::Process& process, Scope scope = Scope::all);

  [[nodiscard]] std::span<const Candidate> candidates() const {
    return std::span{candidates_}.first(count_);
  }
  // The first candidate that is on the list in any case; nullptr if none is.
  [[nodiscard]] const Candidate* find(std::span<const std::string_view> list) const;

 private:
  void add(std::string_view name, NameSource source);
  void add_applet(const activity::Process& process);

  std::array<Candidate, 7> candidates_{};  // three names, an alias of each, one applet
  std::size_t count_ = 0;
};

}  // namespace krbtrail::detect
