// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a file of exceptions, and as the finding that one is proposed for: what is taken is
// pinned as narrowly as asked for, and what is proposed fits its finding and no other.
#include "krbtrail/detect/exceptions.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/exceptions_file.h"
#include "fuzz/require.h"

namespace krbtrail::fuzz {
namespace {

std::vector<detect::Exception> read(std::string_view text, cli::Mistakes& mistakes) {
  return cli::read_exceptions(cli::parse_ini("f", text, mistakes), mistakes);
}

// The text up to the next line end, which is taken away with it.
std::string next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string line{text.substr(0, end)};
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

model::Finding finding_of(std::string_view text) {
  model::Finding finding;
  finding.id = "16d87edcfc872e27";
  finding.rule = "seed-copy-exfil";
  finding.time = model::Timestamp{std::chrono::seconds{1'700'000'000}};
  finding.account.uid = static_cast<std::uint32_t>(text.size());
  model::ProcessFacts process;
  process.pid = 7;
  process.exe = next_line(text);
  finding.host = next_line(text);
  process.command_line = next_line(text);
  finding.process = process;
  if (std::string path = next_line(text); !path.empty()) {
    finding.rule = "seed-file-access";
    model::FileFacts file;
    file.path = std::move(path);
    file.action = "read";
    finding.file = file;
  }
  return finding;
}

// The same deed by somebody else, elsewhere, or another deed.
std::vector<model::Finding> neighbours(const model::Finding& finding) {
  std::vector<model::Finding> others(5, finding);
  others[0].process->exe += "x";
  others[1].host += "x";
  others[2].account.uid = *finding.account.uid + 1;
  others[3].account.auid = 1000;
  others[4].rule = finding.file ? "seed-copy-exfil" : "seed-file-access";
  return others;
}

void check_fits_none_but(const detect::Exception& exception, const model::Finding& finding) {
  if (!detect::fits(exception, finding))
    return;
  for (const model::Finding& other : neighbours(finding))
    require(!detect::fits(exception, other), "an exception that is taken fits nobody else's deed");
}

void check_file(std::string_view text, const model::Finding& finding) {
  cli::Mistakes mistakes;
  for (const detect::Exception& exception : read(text, mistakes)) {
    require(detect::refusals(exception).empty(), "what is refused is not taken");
    require(!exception.reason.empty() && exception.expires.has_value(),
            "an exception has a reason and an end");
    check_fits_none_but(exception, finding);
  }
  for (const model::Error& mistake : mistakes)
    require(mistake.message.starts_with("f:"), "a mistake names file and line");
}

void check_proposal(const model::Finding& finding) {
  model::Result<std::string> proposal = cli::propose_exception(finding);
  if (!proposal)
    return;
  proposal.value().insert(proposal.value().size() - 1, " asked for");
  cli::Mistakes mistakes;
  const std::vector<detect::Exception> exceptions = read(proposal.value(), mistakes);
  require(mistakes.empty() && exceptions.size() == 1, "a proposal with a reason is taken");
  require(detect::fits(exceptions[0], finding), "a proposal fits its finding");
  check_fits_none_but(exceptions[0], finding);
}

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace krbtrail;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const model::Finding finding = fuzz::finding_of(text);
  fuzz::check_proposal(finding);
  fuzz::check_file(text, finding);
  return 0;
}
