// SPDX-License-Identifier: Apache-2.0
//
// The head of a record in any line: its parts lie in the line, in their order, and are what they
// say.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "krbtrail/audit/path_glance.h"
#include "krbtrail/audit/record.h"
#include "krbtrail/audit/syscall_glance.h"

namespace krbtrail::fuzz {
namespace {

void check_head(std::string_view line, const audit::RecordHead& head) {
  require(head.text_begin < head.stamp_begin && head.stamp_begin < head.stamp_end &&
              head.stamp_end < head.body_begin && head.body_begin <= line.size(),
          "the parts of a head stand in their order");
  require(line.substr(head.text_begin).starts_with("type="), "the text begins with the type");
  require(head.milliseconds <= 999, "there are 1,000 milliseconds");
  require(head.seconds >= 0, "no time before 1970");
  require(head.node.empty() || (head.node.data() >= line.data() &&
                                head.node.data() + head.node.size() <= line.data() + line.size()),
          "the node is the line's");
  const std::string_view stamp = line.substr(head.stamp_begin, head.stamp_end - head.stamp_begin);
  require(stamp.find_first_not_of("0123456789.:") == std::string_view::npos, "a stamp is numbers");
}

// What the lane reads of records before any is decoded.
void glance_at(std::string_view line, const audit::RecordHead& head) {
  const audit::Record record{.type = head.type,
                             .body = static_cast<std::uint16_t>(head.body_begin - head.text_begin),
                             .text = line.substr(head.text_begin),
                             .origin = {}};
  static_cast<void>(audit::glance(record));
  static_cast<void>(audit::glance_at_path(record));
}

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace krbtrail;
  const std::string_view line{reinterpret_cast<const char*>(data), size};
  const audit::HeadResult read = audit::parse_head(line);
  if (read.problem != audit::HeadProblem::none)
    return 0;
  fuzz::check_head(line, read.head);
  fuzz::glance_at(line, read.head);
  const audit::HeadResult bare = audit::parse_head(line.substr(read.head.text_begin));
  fuzz::require(bare.problem == audit::HeadProblem::none && bare.head.serial == read.head.serial &&
                    bare.head.seconds == read.head.seconds,
                "what stands before a record does not change its stamp");
  return 0;
}
