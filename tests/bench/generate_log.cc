// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bench/generated_log.h"
#include "bench/log_shape.h"

namespace {

using krbtrail::bench::GenerateCommand;
using krbtrail::bench::LogTotals;

constexpr const char* kUsage =
    R"(Usage: generate_log [OPTION]...
Writes a realistic audit log; the same options give the same bytes.

  --bytes SIZE               1000, 5MB, 1GiB [100MB]
  --seed N                   [1]
  --density N                events per second of log time [500]
  --interleave-percent N     events mixed with later ones [6]
  --stray-ppm N              one-record events without a type name, per million [0]
  --theft-ppm N              planted thefts, per million events [10]
  --benign-ppm N             planted look-alikes, per million events [200]
  --hosts N                  hosts mixed in one log [1]
  --node NAME                with node=NAME; with several hosts NAME-1, NAME-2, ... [none]
  --no-proctitle             no PROCTITLE records
  --enriched                 with the names behind 0x1D
  --reorder                  one event in a hundred has a late record
  --output FILE              [standard output]
  --truth FILE               what was planted, as NDJSON [none]
)";

int fail(const std::string& message) {
  static_cast<void>(std::fprintf(stderr, "generate_log: error: %s\n", message.c_str()));
  return 2;
}

struct CloseFile {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

void report(const LogTotals& totals) {
  static_cast<void>(std::fprintf(
      stderr, "%llu bytes, %llu records, %llu events, %llu strays, %llu thefts, %llu look-alikes\n",
      static_cast<unsigned long long>(totals.bytes),
      static_cast<unsigned long long>(totals.records),
      static_cast<unsigned long long>(totals.events),
      static_cast<unsigned long long>(totals.strays),
      static_cast<unsigned long long>(totals.thefts),
      static_cast<unsigned long long>(totals.look_alikes)));
}

int generate(const GenerateCommand& command) {
  File opened;
  std::FILE* output = stdout;
  if (!command.output.empty()) {
    opened.reset(std::fopen(command.output.c_str(), "wb"));
    output = opened.get();
    if (output == nullptr)
      return fail(command.output + ": cannot open: " + std::strerror(errno));
  }
  std::ofstream truth;
  if (!command.truth.empty()) {
    truth.open(command.truth, std::ios::binary);
    if (!truth)
      return fail(command.truth + ": cannot open");
  }
  const auto sink = [output](std::string_view lines) {
    return std::fwrite(lines.data(), 1, lines.size(), output) == lines.size();
  };
  const LogTotals totals =
      krbtrail::bench::write_log(command.shape, sink, truth.is_open() ? &truth : nullptr);
  if (std::ferror(output) != 0 || std::fflush(output) != 0)
    return fail("cannot write the log: " + std::string{std::strerror(errno)});
  if (truth.is_open() && !truth.flush())
    return fail(command.truth + ": cannot write");
  report(totals);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto command =
      krbtrail::bench::parse_generate_command(std::vector<std::string>(argv + 1, argv + argc));
  if (!command)
    return fail(command.error().message);
  if (command->help) {
    static_cast<void>(std::fputs(kUsage, stdout));
    return 0;
  }
  return generate(*command);
}
