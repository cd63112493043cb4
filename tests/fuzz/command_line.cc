// SPDX-License-Identifier: Apache-2.0
//
// A command line put together from EXECVE, PROCTITLE and comm: each line of the input is the body
// of a record, told apart by its first word. Memory stays in proportion to the input, however large
// the numbers of the arguments are.
#include "krbtrail/activity/command_line.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "krbtrail/audit/decoder.h"

namespace krbtrail::fuzz {
namespace {

constexpr std::size_t kMostRecords = 64;
constexpr std::string_view kHead = "type=X msg=audit(1700000000.123:42): ";

audit::RecordType type_of(std::string_view body) {
  if (body.starts_with("arch="))
    return audit::RecordType::syscall;
  return body.starts_with("proctitle=") ? audit::RecordType::proctitle : audit::RecordType::execve;
}

void check(const activity::CommandLine& line, std::size_t size) {
  using activity::CommandLineSource;
  const bool is_from_execve = line.source == CommandLineSource::execve ||
                              line.source == CommandLineSource::execve_truncated;
  require(line.argv.empty() || is_from_execve, "only EXECVE gives arguments");
  std::size_t bytes = 0;
  for (const std::string& argument : line.argv)
    bytes += argument.size() + 1;
  require(line.argv.size() <= size + activity::kMostFilledArguments, "arguments are bounded");
  require(bytes <= 2 * size + activity::kMostFilledArguments, "so are their bytes");
  require(!is_from_execve || line.text.size() + 1 == bytes || line.argv.empty(),
          "the text is the arguments and a blank between them");
}

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace krbtrail;
  std::vector<std::string> texts;
  for (std::string_view rest{reinterpret_cast<const char*>(data), size};
       !rest.empty() && texts.size() < fuzz::kMostRecords;) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    texts.push_back(std::string{fuzz::kHead} + std::string{rest.substr(0, end)});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::vector<audit::Record> records;
  for (const std::string& text : texts)
    records.push_back({.type = fuzz::type_of(std::string_view{text}.substr(fuzz::kHead.size())),
                       .body = static_cast<std::uint16_t>(fuzz::kHead.size()),
                       .text = text,
                       .origin = {}});
  model::Coverage coverage;
  audit::Decoder decoder{coverage};
  const audit::Event event{.key = {}, .records = records};
  const audit::DecodedEvent& decoded = decoder.decode(event);
  fuzz::check(activity::command_line_of(decoded), size);
  fuzz::check(activity::substitute_command_line(decoded), size);
  return 0;
}
