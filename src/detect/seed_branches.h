// SPDX-License-Identifier: Apache-2.0
//
// The three branches of the query as tables of predicates. seed_ccache.h says how they are read.
#pragma once

#include <cstdint>
#include <string_view>

#include "detect/process_names.h"
#include "krbtrail/activity/activity.h"
#include "krbtrail/detect/rule.h"

namespace krbtrail::detect::seed {

enum class Reading : std::uint8_t { generous, strict };

// An exec and what the query calls FileName: candidates or, read strictly, the image's name alone.
struct ProcessSubject {
  const activity::ProcessEvent& event;
  ProcessNames names;

  ProcessSubject(const activity::ProcessEvent& judged, Reading reading)
      : event(judged),
        names(judged.lineage.process, reading == Reading::strict ? ProcessNames::Scope::image_only
                                                                 : ProcessNames::Scope::all) {}
  [[nodiscard]] std::string_view command_line() const { return event.lineage.process.command_line; }
};

struct FileSubject {
  const activity::FileEvent& event;
  Reading reading;

  [[nodiscard]] bool is_strict() const { return reading == Reading::strict; }
  [[nodiscard]] bool is_resolved() const {
    return event.object.confidence != activity::PathConfidence::unresolved;
  }
  [[nodiscard]] std::string_view base_name() const { return event.object.base_name(); }
  [[nodiscard]] std::string_view actor_name() const { return image_name(event.lineage.process); }
};

[[nodiscard]] const Rule<FileSubject>& file_access();       // branch 1
[[nodiscard]] const Rule<ProcessSubject>& impacket_tool();  // branch 2
[[nodiscard]] const Rule<ProcessSubject>& copy_exfil();     // branch 3

}  // namespace krbtrail::detect::seed
