// SPDX-License-Identifier: Apache-2.0
//
// An event as the XML that Windows shows of it, as far as it was read and kept: what `--evidence`
// prints of a record, whatever export it came from. read_xml() reads it back.
//
//   as_xml(event)  →  "<Event><System><Provider Name='…'/><EventID>4697</EventID>…</Event>"
#pragma once

#include <string>

#include "krbtrail/windows/event.h"

namespace krbtrail::windows {

// One line without line ends of its own. A field that is missing is left out, one that could not be
// read stands as it was written. The time is UTC; where the export names no zone it is as written,
// without the Z.
[[nodiscard]] std::string as_xml(const WindowsEvent& event);

}  // namespace krbtrail::windows
