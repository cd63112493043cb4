// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/evidence_kind.h"

#include <algorithm>

#include "audit_shape.h"
#include "krbtrail/input/decompress.h"
#include "windows_shape.h"

namespace krbtrail::input {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kHoleAtTheHead =
    "begins with a hole of NUL bytes: name it with --kind audit to have it read as an audit log";

bool is_tar(std::string_view head) {
  constexpr std::size_t kMagicOffset = 257;  // POSIX.1-1988, ustar
  return head.size() > kMagicOffset + 5 && head.substr(kMagicOffset, 5) == "ustar";
}

// Control characters that no text has: all but tab, line feed, form feed, carriage return and
// escape.
bool is_binary(std::string_view head) {
  return std::ranges::any_of(head, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && "\t\n\f\r\x1b"sv.find(c) == std::string_view::npos;
  });
}

std::string_view describe_unknown(std::string_view head) {
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06"))
    return "is a ZIP archive: unpack it and name its content";
  if (is_tar(head))
    return "is a tar archive: unpack it and name its content";
  if (compression_of(head) != Compression::none)
    return "is an archive within an archive: unpack it and name its content";
  if (head.find_first_not_of('\0') == std::string_view::npos)
    return "holds nothing but NUL bytes";
  if (is_binary(narrow(head)))
    return "is binary and no evidence that is known";
  return "is text without an audit record or a Windows event";
}

}  // namespace

std::string_view to_string(EvidenceKind kind) {
  switch (kind) {
    case EvidenceKind::empty:
      return "empty";
    case EvidenceKind::unknown:
      return "unknown";
    case EvidenceKind::audit:
      return "audit";
    case EvidenceKind::interpreted:
      return "interpreted";
    case EvidenceKind::evtx:
      return "evtx";
    case EvidenceKind::windows_xml:
      return "windows_xml";
    case EvidenceKind::windows_json:
      return "windows_json";
    case EvidenceKind::windows_csv:
      return "windows_csv";
    case EvidenceKind::windows_text:
      return "windows_text";
  }
  return "";
}

bool is_windows(EvidenceKind kind) {
  return kind >= EvidenceKind::evtx;
}

Recognition recognise(std::string_view head, bool whole) {
  if (head.empty())
    return {.kind = EvidenceKind::empty};
  if (is_tar(head))  // before its content is looked at: the files of several hosts are not one log
    return {.kind = EvidenceKind::unknown, .unknown_as = describe_unknown(head)};
  if (const auto windows = windows_shape(head))
    return {.kind = *windows};
  const AuditReading audit = read_audit_shape(head, whole);
  switch (audit.shape) {
    case AuditShape::records:
      return {.kind = EvidenceKind::audit, .first_stamp = audit.first_stamp};
    case AuditShape::interpreted:
      return {.kind = EvidenceKind::interpreted};
    case AuditShape::none:
      break;
  }
  if (is_rendered_windows_text(head))
    return {.kind = EvidenceKind::windows_text};
  const bool only_nul = head.find_first_not_of('\0') == std::string_view::npos;
  return {.kind = EvidenceKind::unknown,
          .unknown_as = only_nul && !whole ? kHoleAtTheHead : describe_unknown(head),
          .hidden_by_nul = only_nul && !whole};
}

}  // namespace krbtrail::input
