// SPDX-License-Identifier: Apache-2.0
#include "cli/exceptions_file.h"

#include <chrono>
#include <string>
#include <vector>

#include "cli/reloadable.h"
#include "support/catch.h"
#include "support/nasty_strings.h"
#include "support/temporary_tree.h"

namespace krbtrail::cli {
namespace {

model::Finding run_of_a_program(const std::string& command_line) {
  model::Finding finding;
  finding.id = "16d87edcfc872e27";
  finding.rule = "seed-copy-exfil";
  finding.time = model::Timestamp{std::chrono::seconds{1'700'000'000}};
  finding.account.uid = 0;
  finding.process = model::ProcessFacts{.pid = 7,
                                        .name = "cp",
                                        .exe = "/usr/bin/cp",
                                        .command_line = command_line,
                                        .command_line_source = "execve",
                                        .source = "exec"};
  return finding;
}

std::vector<detect::Exception> read(const std::string& text, std::vector<std::string>& messages) {
  Mistakes mistakes;
  std::vector<detect::Exception> exceptions =
      read_exceptions(parse_ini("x", text, mistakes), mistakes);
  for (const model::Error& mistake : mistakes)
    messages.push_back(mistake.message);
  return exceptions;
}

TEST_CASE("a proposal is an entry that lacks nothing but a reason", "[cli][exceptions_file]") {
  const auto proposal = propose_exception(run_of_a_program("cp /tmp/krb5cc_1000 /root/x"));
  REQUIRE(proposal.has_value());
  CHECK(proposal.value() ==
        "# finding 16d87edcfc872e27 of seed-copy-exfil, 2023-11-14T22:13:20.000Z\n"
        "[exception 16d87edcfc872e27]\n"
        "rule = seed-copy-exfil\n"
        "host =\n"
        "account.uid = 0\n"
        "account.auid = null\n"
        "process.exe = /usr/bin/cp\n"
        "process.command_line = cp /tmp/krb5cc_1000 /root/x\n"
        "expires = 2023-12-14T22:13:20.000Z\n"
        "# Who decided this, and why? Without a reason the exception is refused.\n"
        "reason =\n");
  std::vector<std::string> messages;
  CHECK(read(proposal.value(), messages).empty());
  CHECK(messages == std::vector<std::string>{"x:2: exception 16d87edcfc872e27: it has no reason"});
  messages.clear();
  CHECK(read(proposal.value() + "\n", messages).empty());
}

TEST_CASE("a proposal gives back what was done, whatever bytes it has", "[cli][exceptions_file]") {
  std::vector<std::string> lines;
  for (const test::NastyString& nasty : test::kNastyStrings)
    lines.emplace_back(nasty.bytes);
  for (const char* more :
       {"cp /tmp/* ", "cp *", R"(C:\a\x41\\b)", "# cp", "cp = [x]", " cp", "cp\n[exception y]\n"})
    lines.emplace_back(more);
  for (const std::string& line : lines) {
    if (line.empty() || line == "-")
      continue;
    const model::Finding finding = run_of_a_program(line);
    const auto proposal = propose_exception(finding);
    REQUIRE(proposal.has_value());
    CAPTURE(proposal.value());
    std::string text = proposal.value();
    text.insert(text.size() - 1, " asked for");
    std::vector<std::string> messages;
    const std::vector<detect::Exception> exceptions = read(text, messages);
    CHECK(messages.empty());
    REQUIRE(exceptions.size() == 1);
    CHECK(detect::fits(exceptions[0], finding));
    CHECK_FALSE(detect::fits(exceptions[0], run_of_a_program(line + "x")));
  }
}

TEST_CASE("rules with a mistake do not take the place of rules without one", "[cli][reloadable]") {
  const test::TemporaryTree tree;
  auto proposal = propose_exception(run_of_a_program("cp /tmp/krb5cc_1000 /root/x")).value();
  const std::string path = tree.file("exceptions", proposal + "reason = twice\n");
  Reloadable<std::vector<detect::Exception>> exceptions{
      [&](Mistakes& mistakes) { return load_exceptions(path, mistakes); }};
  CHECK(exceptions.reload().size() == 2);  // at first there is nothing to keep
  CHECK(exceptions.current().empty());

  proposal.insert(proposal.size() - 1, " asked for");
  tree.file("exceptions", proposal);
  CHECK(exceptions.reload().empty());
  REQUIRE(exceptions.current().size() == 1);
  CHECK(exceptions.current()[0].reason == "asked for");

  tree.file("exceptions", "[exception broad]\nhost = web1\n");
  CHECK(exceptions.reload().size() == 4);
  REQUIRE(exceptions.current().size() == 1);
  CHECK(exceptions.current()[0].reason == "asked for");

  tree.file("exceptions", "");
  CHECK(exceptions.reload().empty());
  CHECK(exceptions.current().empty());  // no rules at all is no mistake
}

}  // namespace
}  // namespace krbtrail::cli
