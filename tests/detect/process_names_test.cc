// SPDX-License-Identifier: Apache-2.0
#include "detect/process_names.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "support/activity_builders.h"
#include "support/catch.h"

namespace {

using krbtrail::activity::Process;
using krbtrail::detect::alias_of;
using krbtrail::detect::Candidate;
using krbtrail::detect::image_name;
using krbtrail::detect::NameSource;
using krbtrail::detect::ProcessNames;
using krbtrail::detect::to_string;

// "python3.11 exe, python3 argv[0]": every candidate and how it is known.
std::string spelled(const ProcessNames& names) {
  std::string line;
  for (const Candidate& candidate : names.candidates()) {
    line.append(line.empty() ? "" : ", ").append(candidate.name).append(" ");
    line.append(to_string(candidate.source));
  }
  return line;
}

Process named(const std::string& exe, const std::string& comm, std::vector<std::string> argv) {
  Process process = krbtrail::test::process(exe, std::move(argv));
  process.comm = comm;
  return process;
}

TEST_CASE("an image's name is the base name of exe, or comm where exe is absent",
          "[detect][process_names]") {
  const auto [exe, comm, name] = GENERATE(table<std::string, std::string, std::string>({
      {"/usr/bin/cp", "x", "cp"},
      {"/tmp/.b (deleted)", "x", ".b"},
      {"/memfd:kworker (deleted)", "3", "memfd:kworker"},
      {"/tmp/a b", "x", "a b"},
      {"/tmp/x (deleted) (deleted)", "x", "x (deleted)"},  // a file that was called so
      {"cp", "x", "cp"},
      {"", "cp", "cp"},
      {"", "", ""},
  }));
  const Process process = named(exe, comm, {});
  CAPTURE(exe);
  CHECK(image_name(process) == name);
  CHECK(image_name(process) == process.name());  // the name that findings print
}

TEST_CASE("Debian's names are aliases of the plain ones", "[detect][process_names]") {
  const auto [name, alias] = GENERATE(table<std::string, std::string>({
      {"python3.11", "python3"},
      {"python3.9", "python3"},
      {"python2.7", "python2"},
      {"Python3.11", "python3"},
      {"nc.openbsd", "nc"},
      {"nc.traditional", "nc"},
      {"vim.basic", "vim"},
      {"x86_64-linux-gnu-strings", "strings"},
      {"aarch64-linux-gnu-strings", "strings"},
      {"python3", ""},  // plain already
      {"python3.", ""},
      {"python3.11-config", ""},
      {"python3x11", ""},
      {"python4.0", ""},
      {"nc", ""},
      {"nc.", ""},
      {"ncat", ""},
      {"strings", ""},
      {"mawk", ""},
      {"", ""},
  }));
  CAPTURE(name);
  CHECK(alias_of(name) == alias);
}

TEST_CASE("candidates come as exe, argv[0], comm, aliases and applet", "[detect][process_names]") {
  using Argv = std::vector<std::string>;
  const auto [exe, comm, argv, names] = GENERATE(table<std::string, std::string, Argv, std::string>(
      {{"/usr/bin/python3.11", "python3", Argv{"/usr/bin/python3", "x.py"},
        "python3.11 exe, python3 argv[0], python3 comm, python3 alias"},
       {"/usr/bin/python3.11", "getST.py", Argv{"/opt/venv/bin/python"},
        "python3.11 exe, python argv[0], getST.py comm, python3 alias"},
       {"/usr/bin/busybox", "cat", Argv{"cat", "x"}, "busybox exe, cat argv[0], cat comm"},
       {"/usr/bin/busybox", "busybox", Argv{"busybox", "/bin/cat", "x"},
        "busybox exe, busybox argv[0], busybox comm, cat applet"},
       {"/usr/bin/busybox", "busybox", Argv{"busybox"},
        "busybox exe, busybox argv[0], busybox comm"},
       {"/usr/bin/coreutils", "cp", Argv{"coreutils", "--coreutils-prog-shebang=cp", "/usr/bin/cp"},
        "coreutils exe, coreutils argv[0], cp comm, cp applet"},
       {"/usr/bin/bash", "bash", Argv{"-bash"}, "bash exe, -bash argv[0], bash comm"},
       {"", "cp", Argv{}, "cp comm, cp comm"},
       {"/usr/bin/x", "", Argv{""}, "x exe"},  // an empty name is no candidate
       {"/usr/bin/python3.11", "nc.openbsd", Argv{"vim.basic"},
        "python3.11 exe, vim.basic argv[0], nc.openbsd comm, python3 alias, vim alias, nc "
        "alias"}}));
  CAPTURE(exe, comm);
  const Process process = named(exe, comm, argv);
  CHECK(spelled(ProcessNames{process}) == names);
  CHECK(ProcessNames{process}.candidates().size() <= 7);
}

TEST_CASE("the most that a process can be called is all kept", "[detect][process_names]") {
  const Process process = named("/x/nc.a", "vim.b", {"/x/busybox", "cat"});
  CHECK(spelled(ProcessNames{process}) ==
        "nc.a exe, busybox argv[0], vim.b comm, nc alias, vim alias, cat applet");
}

TEST_CASE("the image's name alone is the only candidate of the strict reading",
          "[detect][process_names]") {
  const Process process = named("/usr/bin/nc.openbsd", "nc", {"nc"});
  const ProcessNames names{process, ProcessNames::Scope::image_only};
  CHECK(spelled(names) == "nc.openbsd exe");
}

TEST_CASE("the first candidate on a list is found, in any case", "[detect][process_names]") {
  constexpr std::array<std::string_view, 2> kList = {"cat", "python3"};
  const Process process = named("/usr/bin/python3.11", "CAT", {"Python3"});
  const ProcessNames names{process};
  const Candidate* found = names.find(kList);
  REQUIRE(found != nullptr);
  CHECK(found->name == "Python3");
  CHECK(found->source == NameSource::argv0);
  constexpr std::array<std::string_view, 1> kOther = {"dd"};
  CHECK(names.find(kOther) == nullptr);
}

}  // namespace
