// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the state that an earlier life of `live` left, and a theft after it. The checksum is
// no wall: the bytes are taken as what it would have let through, up to the first line "events" as
// processes and behind it as events.
#include "krbtrail/live/saved_state.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/audit_pipeline.h"
#include "fuzz/require.h"
#include "krbtrail/model/coverage.h"

namespace {

using namespace krbtrail;

constexpr std::string_view kTheft =
    "type=SYSCALL msg=audit(1700000009.100:9): arch=c000003e syscall=257 success=yes exit=3 "
    "a0=ffffff9c a1=7f a2=0 a3=0 items=1 ppid=20 pid=30 auid=1001 uid=1001 gid=1001 euid=1001 "
    "fsuid=1001 tty=pts0 ses=3 comm=\"cat\" exe=\"/usr/bin/cat\" key=(null)\n"
    "type=CWD msg=audit(1700000009.100:9): cwd=\"/\"\n"
    "type=PATH msg=audit(1700000009.100:9): item=0 name=\"/tmp/krb5cc_1000\" inode=77 dev=fd:00 "
    "mode=0100600 ouid=1000 ogid=1000 rdev=00:00 nametype=NORMAL\n";

cli::LearnedBefore cut(std::string_view bytes) {
  constexpr std::string_view kCut = "\nevents\n";
  const std::size_t place = bytes.find(kCut);
  const bool is_cut = place != std::string_view::npos;
  return {.name = "state",
          .host = "h",
          .processes = bytes.substr(0, is_cut ? place + 1 : bytes.size()),
          .events = is_cut ? bytes.substr(place + kCut.size()) : std::string_view{}};
}

void live_on(std::string_view bytes) {
  model::Coverage coverage;
  std::string taught;
  std::size_t findings = 0;
  auto made = cli::AuditPipeline::make(
      {.settings = {},
       .passwd = {},
       .live = true,
       .on_taught = [&](std::string lines) { taught += lines; },
       .on_progress = {},
       .stop = {}},
      coverage, [&](const model::Finding&) { ++findings; }, [](const model::Incident&) {});
  fuzz::require(made.has_value(), "a pipeline");
  cli::AuditPipeline& pipeline = *made.value();
  pipeline.restore(cut(bytes));
  fuzz::require(coverage.bytes_read == 0 && coverage.events == 0, "nothing of it counts");
  const std::size_t before = findings;
  std::string_view left = kTheft;
  pipeline.listen({.name = "-", .host = "h", .read = [&](std::span<char> buffer) {
                     const std::size_t size = std::min(buffer.size(), left.size());
                     std::copy_n(left.begin(), size, buffer.begin());
                     left.remove_prefix(size);
                     return size;
                   }});
  fuzz::require(findings > before, "a theft is found whatever was restored");
  static_cast<void>(pipeline.processes(1U << 20U));
  static_cast<void>(pipeline.recent_writes());
  pipeline.finish();
  fuzz::require(coverage.adds_up(), "the accounting adds up");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  static_cast<void>(live::parse_saved_state(bytes));
  live_on(bytes);
  return 0;
}
