// SPDX-License-Identifier: Apache-2.0
//
// What kind of evidence a file is, told by its first bytes and never by its name.
//
//   const Recognition seen = recognise(first_bytes_of_the_decompressed_content);
//   if (seen.kind == EvidenceKind::audit) order_by(*seen.first_stamp);
//
// An audit log is text in which a line starts as a record does:
//   [SYSLOG OR JOURNAL PREFIX] [node=HOST ] type=NAME|UNKNOWN[N]|N  [msg=]audit(SEC.MS:SERIAL)
// in front of which there may be a byte order mark, a hole of NUL bytes, blank lines and the "----"
// and "time->" lines of ausearch. The first line may be the rest of one that rotation cut; lines
// with a syslog prefix may stand before it (a /var/log/messages); otherwise every second line has
// to be a record. One quoted in the middle of a line, or once in a page of prose, is none.
//
// `ausearch -i` text has a calendar date where a record has seconds; it is a kind of its own, so
// that it can be refused: read as records it would give wrong times, names and system calls.
//
// A Windows export is recognised by the shape that its tool gives it (windows_shape.cc lists tools
// and shapes), in UTF-8 or UTF-16 with or without a byte order mark, and before anything else is
// considered: an event whose text holds a line like a record stays an event.
//
// Pure functions; never more than the bytes they are given. 64 KiB are enough for every shape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "krbtrail/model/timestamp.h"

namespace krbtrail::input {

// How much of a file's content is looked at.
inline constexpr std::size_t kHeadSize = std::size_t{64} << 10U;

enum class EvidenceKind : std::uint8_t {
  empty,         // no byte at all
  unknown,       // anything else, also a file of nothing but NUL bytes
  audit,         // records of the Linux audit system
  interpreted,   // text of `ausearch -i`, which cannot be read safely
  evtx,          // a binary Windows event log, or a chunk of one
  windows_xml,   // <Event> elements, with or without a root
  windows_json,  // events as JSON, one a line or one document
  windows_csv,   // a table with a header line, separated by commas, semicolons or tabs
  windows_text,  // text rendered for people
};
[[nodiscard]] std::string_view to_string(EvidenceKind kind);  // "audit", "windows_xml"
[[nodiscard]] bool is_windows(EvidenceKind kind);

struct Recognition {
  EvidenceKind kind = EvidenceKind::unknown;
  // The time of the first record, for EvidenceKind::audit only: logs of one host are ordered by it.
  std::optional<model::Timestamp> first_stamp = std::nullopt;
  // Of EvidenceKind::unknown, what it is instead: "is a ZIP archive", "is binary", "is text without
  // an audit record". Valid for ever.
  std::string_view unknown_as = {};
  // All that was seen is NUL bytes, and there is more: it may be a log with a hole at its head.
  bool hidden_by_nul = false;
};

// `head` is the start of a file's content. `whole` says that it is all of it, so that a last line
// without an end counts.
[[nodiscard]] Recognition recognise(std::string_view head, bool whole);

}  // namespace krbtrail::input
