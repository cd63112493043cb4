// SPDX-License-Identifier: Apache-2.0
//
// A site's decisions that certain findings are no theft: each pins what the finding is about, ends
// on a day and has a reason. The Linux and the Windows side share it.
//
//   Exceptions exceptions{definitions};                  // of which refusals() says nothing
//   finding.suppressed_by = exceptions.judge(finding);   // counts
//   for (const std::string& note : exceptions.notes(newest)) …
//
// An exception names fields by their NDJSON path, and each with the value that NDJSON shows:
//   Linux    rule, process.exe, account.uid, account.auid, host, and the target: file.path, which
//            may end in '*' and is then the beginning of a path, or, for findings without a file,
//            process.command_line. A program that runs what it is told (a shell, python, …) needs
//            its command line besides. May be added: process.command_line, process.parent.exe,
//            file.action, file.owner_uid.
//   Windows  service.name, service.file_name, service.account, logon.target_user_sid (the user id)
//            and computer.
// Everything is compared to the letter, host and computer letter case aside, as DNS has it. What is
// broader is refused: an exception that fits a theft by somebody else is worse than an alarm.
//
// Time is the finding's own, never a clock's: an exception is in force from `from` on, until before
// `expires`. What it would have suppressed at another time is reported as a finding and noted.
// Near misses, indeterminates and findings whose time the evidence does not tell are never
// suppressed.
//
// Not thread-safe. Judging costs the number of exceptions of the finding's rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/error.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::detect {

// One field with the value that it must have. A number is its digits, an unset value "null".
struct Pin {
  std::string path = {};  // "process.exe"
  std::string value = {};
  bool is_beginning = false;  // of the value; only of file.path
};

struct Exception {
  std::string name = {};
  std::vector<Pin> pins = {};
  std::optional<model::Timestamp> from = {};
  std::optional<model::Timestamp> expires = {};  // unset is refused
  std::string reason = {};
};

// Every path that can be pinned, in the order of a proposal.
[[nodiscard]] std::span<const std::string_view> pinnable_paths();

// Why an exception may not be used, in the words of an error without a place. `path` is the pin
// that is meant; empty if it is the exception as a whole.
struct Refusal {
  std::string path;
  model::Error error;
};
[[nodiscard]] std::vector<Refusal> refusals(const Exception& exception);

// True if all its pins fit, whenever the finding happened.
[[nodiscard]] bool fits(const Exception& exception, const model::Finding& finding);

// The pins of an exception for this finding and as little else as can be. An Error if there must be
// none: a near miss; a field that the evidence lacks; the service of a public attack tool, which is
// a test that happens once.
[[nodiscard]] model::Result<std::vector<Pin>> pins_for(const model::Finding& finding);

class Exceptions {
 public:
  Exceptions() = default;
  explicit Exceptions(std::vector<Exception> exceptions);

  // The name of the first exception in force that fits; unset if there is none.
  [[nodiscard]] std::optional<std::string> judge(const model::Finding& finding);

  // What each exception did, and which of them are over: those that expire no later than `newest`,
  // the time that the evidence goes up to.
  [[nodiscard]] std::vector<std::string> notes(std::optional<model::Timestamp> newest) const;

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Exception exception;
    std::uint64_t suppressed = 0;
    std::uint64_t expired = 0;
    std::uint64_t early = 0;
  };

  std::vector<Entry> entries_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_rule_;  // "" for Windows
};

}  // namespace krbtrail::detect
