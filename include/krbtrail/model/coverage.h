// SPDX-License-Identifier: Apache-2.0
//
// What was read, what was not, and what the evidence cannot show. Every stage counts what it loses
// in the Coverage it was given; every run ends by saying it.
//
// The accounting identity: bytes_read == bytes_used + bytes_not_needed + the sum of the rejections.
// A line's bytes include its line end. "Used" are the records of events that a rule could want and
// of program starts; this does not depend on whether the prefilter ran.
//
// Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/origin.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::model {

// Why bytes were not taken as a record. The order is the order of the report.
enum class Rejection : std::uint8_t {
  blank,        // empty lines, "----" and "time->" lines of ausearch, white space
  nul,          // NUL bytes: holes that a crash leaves
  malformed,    // no type or no stamp at the head of the line
  too_long,     // a line beyond the limit of a line
  interpreted,  // `ausearch -i` text, which cannot be read safely
  duplicate,    // a record that its event already has
  late,         // a record of an event that had already been evaluated
  over_limit,   // a record beyond the limit of records or bytes of one event
  unreadable,   // bytes that a decompressor or reader could not give
  dropped,      // live: lines that came faster than they could be worked on
};
inline constexpr std::size_t kRejections = static_cast<std::size_t>(Rejection::dropped) + 1;

[[nodiscard]] std::string_view to_string(Rejection rejection);  // "blank": the key in NDJSON
[[nodiscard]] std::string_view describe(Rejection rejection);   // a phrase for people
// False for blank lines, NUL holes and repeated records, which hold nothing to evaluate.
[[nodiscard]] bool is_loss(Rejection rejection);

struct Count {
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;

  bool operator==(const Count&) const = default;
};

// One thing that could or could not be seen on a host, and why that is said.
struct Statement {
  std::string key;     // stable: "no_execve", "no_file_records", "clock_jump", …
  std::string text;    // "no EXECVE records: branches 2 and 3 are blind"
  std::string reason;  // "of 5,012 records none is an EXECVE"
  std::uint64_t count = 0;
  bool limits = false;  // true if it means that something was not evaluated
};

struct HostCoverage {
  std::string host;
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
  std::uint64_t events = 0;
  std::uint64_t records = 0;
  std::vector<Statement> statements;
};

// One input as it was read. `problem` is empty or says what was not read and why.
struct InputCoverage {
  std::string name;
  std::string kind;         // "audit", "evtx", …, "unknown"
  std::uint64_t bytes = 0;  // of decompressed content
  std::string problem;
  bool unread = false;  // counts towards exit status 3
  std::string sha256;   // only where asked for
};

struct Coverage {
  std::uint64_t bytes_read = 0;
  Count used;
  Count not_needed;
  std::array<Count, kRejections> rejected{};

  std::uint64_t records = 0;           // with a valid head, duplicates included
  std::uint64_t events = 0;            // that left the reassembler
  std::uint64_t events_evaluated = 0;  // that a rule could have wanted
  std::uint64_t events_displaced = 0;  // that left early because of a bound on open events or bytes
  std::uint64_t decode_failures =
      0;  // records that libauparse refused although their head is valid

  std::vector<InputCoverage> inputs;               // in the order of reading
  std::vector<HostCoverage> hosts;                 // in order of name
  std::vector<std::string> notes;                  // "empty.log: is empty"
  std::map<std::string, std::uint64_t> evictions;  // table -> what its bound made it drop

  void reject(Rejection why, std::uint64_t lines, std::uint64_t bytes) {
    Count& count = rejected[static_cast<std::size_t>(why)];
    count.lines += lines;
    count.bytes += bytes;
  }
  [[nodiscard]] const Count& rejections(Rejection why) const {
    return rejected[static_cast<std::size_t>(why)];
  }
  // Adds the counts of a stage that had a Coverage of its own.
  void add(const Coverage& part);
  // The identity above.
  [[nodiscard]] bool adds_up() const;
  // True if something that was asked for was not read or not evaluated: exit status 3,
  // "INCOMPLETE".
  [[nodiscard]] bool incomplete() const;
};

// What a run came to, beside its coverage.
struct Summary {
  std::array<std::uint64_t, 5> findings_by_severity{};  // indexed by Severity
  std::uint64_t findings = 0;                           // printed
  std::uint64_t hidden = 0;                             // below --min-severity
  std::uint64_t suppressed = 0;                         // by exceptions
  std::uint64_t filtered = 0;  // outside --since/--until or of another --host
  std::uint64_t near_misses = 0;
  std::uint64_t indeterminate = 0;
  std::uint64_t incidents = 0;
  std::string rule_set;      // "seed", "seed, strict"
  std::string windows_rule;  // "v214", "pre2025"; empty if there was no Windows evidence
  std::string version;
  std::vector<std::string> sandbox;  // layers applied, or lacking and why; printed by --stats
};

}  // namespace krbtrail::model
