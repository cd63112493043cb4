// SPDX-License-Identifier: Apache-2.0
//
// What the user named (files, directories, '-', a mounted image) becomes evidence, in the order in
// which it is to be read.
//
//   const Evidence evidence = gather({"/evidence", "-"}, {});
//   for (const LogSet& set : evidence.sets)          // the audit logs of one host
//     for (const LogFile& file : set.files)          // oldest first
//       if (auto content = open(file)) …             // decompressed
//
// Sets. Audit logs that lie in one directory are one set: a rotated set (audit.log, audit.log.1,
// audit.log.2.gz, audit.log-20240101.xz) whatever its files are called. Within a set files are
// ordered by their first record's stamp, ties by name. Two directories are two sets and two hosts,
// unless `host_name` (--hostname) says that there is only one; then there is one set.
//
// The host of records that name none (no node=, no syslog host) is LogSet::host: `host_name`, else
// the set's directory relative to the deepest directory that all PATHs have in common. So
//   scan /evidence                      web1/audit/audit.log belongs to "web1/audit"
//   scan web1/audit.log web2/audit.log  "web1" and "web2"
//   scan web1/audit.log, scan web1      empty, if the log lies in web1 itself
//   scan -                              empty, but "-" beside other logs
// Where it is empty there is nothing to tell hosts apart by, and the same log must give the same
// findings from wherever it is read.
//
// A directory is walked in byte order of its names. Symbolic links are followed only where the user
// named them: inside a walk they are counted, since what they lead to is either in the tree anyway
// or not among what was named. Devices, FIFOs and sockets are never opened in a walk; a FIFO that
// was named is read as a stream. Two spellings of one file (a hard link, "./a" and "a", a directory
// and a file in it) are read once, and a note says so. At most 64 directories deep, 100,000 names
// at once and 100,000 files of evidence.
//
// What is not read is said, never dropped: `unread` has what counts towards exit status 3 (it
// cannot be opened; it was named and is no evidence; it is `ausearch -i` text); `notes` has what
// the user should know (an empty file, a second spelling, links and foreign files in a walk). Both
// hold at most 1,000 entries and then one that counts the others.
//
// One process, one thread. A LogFile may be copied; a stream's copies share the stream.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/input/byte_source.h"
#include "krbtrail/input/decompress.h"
#include "krbtrail/input/evidence_kind.h"
#include "krbtrail/input/mounted_image.h"
#include "krbtrail/model/coverage.h"
#include "krbtrail/model/error.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::input {

// --kind. A named file is taken for what it is said to be, except that `ausearch -i` text stays
// refused; in a walk only files that are recognised as such are read, the others are counted.
enum class KindChoice : std::uint8_t { automatic, audit, windows };

struct GatherOptions {
  KindChoice kind = KindChoice::automatic;
  std::string host_name = {};  // --hostname; empty if not given
  // --root: its var/log/audit is walked beside the PATHs, and where its auditd.conf has a log_file
  // elsewhere, the files beside that whose names begin with its name.
  std::optional<std::string> root = {};
  int standard_input = 0;  // the descriptor that '-' reads; stays the caller's
};

struct Stream;

// One file or stream of evidence.
struct LogFile {
  std::string name;  // as the user named it; in a walk relative to what all PATHs have in common
  std::string path;  // to open; empty for standard input, inside the image for --root
  EvidenceKind kind = EvidenceKind::unknown;
  Compression compression = Compression::none;
  std::optional<std::uint64_t> size = std::nullopt;            // on the disk; unset for a stream
  std::optional<model::Timestamp> first_stamp = std::nullopt;  // of an audit log's first record
  bool kind_forced = false;                                    // by KindChoice
  std::shared_ptr<const MountedImage> image = nullptr;         // the file lies in it
  std::shared_ptr<Stream> stream = nullptr;                    // it can be read only once
};

// The audit logs of one host.
struct LogSet {
  std::string host;  // of records that name none; may be empty
  std::vector<LogFile> files;
};

struct Evidence {
  std::vector<LogSet> sets;      // in the order in which the user named them, walks in byte order
  std::vector<LogFile> windows;  // Windows event logs and exports, in the same order
  std::vector<model::InputCoverage> unread;
  std::vector<std::string> notes;
  std::uint64_t empty_files = 0;
  std::uint64_t foreign_files = 0;                      // no evidence, met in a walk
  std::uint64_t special_files = 0;                      // devices, FIFOs, sockets, met in a walk
  std::uint64_t links_passed = 0;                       // symbolic links, met in a walk
  std::shared_ptr<const MountedImage> image = nullptr;  // of --root, if it could be opened

  [[nodiscard]] bool has_logs() const { return !sets.empty() || !windows.empty(); }
};

// Opens and looks at the first bytes of each file, so it comes after the sandbox. Never fails as a
// whole: what goes wrong is in Evidence::unread.
[[nodiscard]] Evidence gather(const std::vector<std::string>& paths, const GatherOptions& options);

// The content of a gathered file from its start, decompressed. Errors: those of open_file(); "NAME:
// has changed since it was first looked at" if it is no longer of its kind or compression; "NAME: a
// stream can be read only once".
[[nodiscard]] model::Result<std::unique_ptr<ByteSource>> open(const LogFile& file);

// An error's text without the "NAME: " that it starts with, as InputCoverage::problem wants it.
[[nodiscard]] std::string problem_text(const model::Error& error, std::string_view name);

}  // namespace krbtrail::input
