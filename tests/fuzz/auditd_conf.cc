// SPDX-License-Identifier: Apache-2.0
//
// auditd.conf of a seized host: what it names as the log is a file below the image's root, in the
// words of the text, and the last line that names one is in force.
#include "input/auditd_conf.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace krbtrail;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::string file = input::log_file_of(text);
  fuzz::require(!file.empty() && file.front() != '/' && file.back() != '/', "it is a file");
  fuzz::require(file.find('\n') == std::string::npos, "it ends with its line");
  const bool is_told =
      text.find("log_file") != std::string_view::npos && text.find(file) != std::string_view::npos;
  fuzz::require(is_told || file == input::kDefaultLogFile, "it is the text's or the default");
  const std::string last = std::string{text} + "\nlog_file = /srv/last.log\n";
  fuzz::require(input::log_file_of(last) == "srv/last.log", "the last one is in force");
  return 0;
}
