// SPDX-License-Identifier: Apache-2.0
//
// Whether a head is a Windows event log or an export of one, and in which shape. Whether its
// events can be evaluated is for the windows room to say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "krbtrail/input/evidence_kind.h"

namespace krbtrail::input {

// `head` as it lies in the file, UTF-16 included. Not asked here: rendered text, which has no frame
// of its own, so that it is held against the head only when nothing else fits.
[[nodiscard]] std::optional<EvidenceKind> windows_shape(std::string_view head);

// EvidenceKind::windows_text: wevtutil /f:text, Splunk's classic text, Get-WinEvent | Format-List,
// a copied message.
[[nodiscard]] bool is_rendered_windows_text(std::string_view head);

// UTF-16 of either order, with a byte order mark or known by its zero bytes, becomes ASCII with a
// '?' for all else; other text loses a UTF-8 mark. Good for recognition only.
[[nodiscard]] std::string narrow(std::string_view head);

}  // namespace krbtrail::input
