// SPDX-License-Identifier: Apache-2.0
//
// The extended rules E01 to E16 as tables of predicates, the strongest first, and the signals that
// score what they find.
#pragma once

#include <span>

#include "detect/score.h"
#include "detect/ticket_subjects.h"
#include "krbtrail/detect/rule.h"

namespace krbtrail::detect::extended {

// The rules that judge one kind of event, the strongest first: the first that holds names the
// finding.
[[nodiscard]] std::span<const Rule<FileSubject>> file_rules();
[[nodiscard]] std::span<const Rule<ProcessSubject>> process_rules();
[[nodiscard]] std::span<const Rule<CallSubject>> call_rules();

[[nodiscard]] std::span<const Signal<FileSubject>> file_signals();
[[nodiscard]] std::span<const Signal<ProcessSubject>> process_signals();
[[nodiscard]] std::span<const Signal<CallSubject>> call_signals();

}  // namespace krbtrail::detect::extended
