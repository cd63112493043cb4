// SPDX-License-Identifier: Apache-2.0
//
// Events whose judgement is known by construction: thefts that the seed's branches find, and
// look-alikes that none of them may find.
//
// Each kind is one event. What a kind expects follows from the text of the seed's query, Kusto's
// operators and the two readings (generous: reads are file events, a process is known by its
// aliases too, an unresolved path by its base name; strict: none of these), never from krbtrail's
// output.
#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string_view>

#include "bench/event_text.h"
#include "bench/host.h"
#include "bench/random.h"

namespace krbtrail::bench {

// A set of branches: file_access | copy_exfil.
enum Branch : std::uint8_t { none = 0, file_access = 1, impacket_tool = 2, copy_exfil = 4 };

struct Scene {
  EventText& event;
  Host& host;
  Random& random;
  std::uint64_t inode;   // of the ticket: no other event of the log has it
  std::uint32_t victim;  // whose ticket it is
};

struct PlantedKind {
  std::string_view name;
  unsigned generous;
  unsigned strict;
  void (*write)(const Scene&);
};

[[nodiscard]] std::span<const PlantedKind> theft_kinds();
[[nodiscard]] std::span<const PlantedKind> look_alike_kinds();

// Plants events and keeps the truth about them.
class Planter {
 public:
  // Writes a line of NDJSON about each planted event to `truth`, unless it is null; see
  // docs/PERFORMANCE.md, "The truth file".
  explicit Planter(std::ostream* truth) : truth_{truth} {}

  void plant_theft(EventText& event, Host& host, Random& random);
  void plant_look_alike(EventText& event, Host& host, Random& random);

  [[nodiscard]] std::uint64_t thefts() const { return thefts_; }
  [[nodiscard]] std::uint64_t look_alikes() const { return look_alikes_; }

 private:
  void plant(const PlantedKind& kind, EventText& event, Host& host, Random& random);

  std::ostream* truth_;
  std::uint64_t thefts_ = 0;
  std::uint64_t look_alikes_ = 0;
  std::uint64_t last_inode_ = 50'000'000;  // far above those of ordinary files
};

}  // namespace krbtrail::bench
