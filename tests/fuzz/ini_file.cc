// SPDX-License-Identifier: Apache-2.0
//
// A file of settings or exceptions: mistakes are named with their lines, and a value survives being
// written and read again.
#include "cli/ini_file.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/configuration.h"
#include "cli/exceptions_file.h"
#include "fuzz/require.h"

namespace krbtrail::fuzz {
namespace {

void check_values(const cli::IniFile& file) {
  for (const cli::IniSection& section : file.sections) {
    for (const cli::IniEntry& entry : section.entries) {
      cli::Mistakes none;
      const cli::IniFile again =
          cli::parse_ini("f", "[s]\nkey = " + cli::written_as_ini(entry.value) + "\n", none);
      require(none.empty() && again.sections.size() == 1 && again.sections[0].entries.size() == 1,
              "a value that was written can be read");
      require(again.sections[0].entries[0].value == entry.value, "and is the same");
    }
  }
}

void check_mistakes(const cli::Mistakes& mistakes) {
  for (const model::Error& mistake : mistakes)
    require(mistake.message.starts_with("f:"), "a mistake names file and line");
}

void check_exceptions(const std::vector<detect::Exception>& exceptions) {
  for (const detect::Exception& exception : exceptions)
    require(!exception.name.empty() && !exception.reason.empty(),
            "an exception that is taken has a name and a reason");
}

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace krbtrail;
  cli::Mistakes mistakes;
  const cli::IniFile file =
      cli::parse_ini("f", {reinterpret_cast<const char*>(data), size}, mistakes);
  fuzz::check_values(file);
  const cli::Configuration configuration = cli::read_configuration(file, mistakes);
  fuzz::require(!configuration.in_force.empty(), "something is always in force");
  fuzz::check_exceptions(cli::read_exceptions(file, mistakes));
  fuzz::check_mistakes(mistakes);
  return 0;
}
