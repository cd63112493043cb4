// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/command_line.h"

#include <string>
#include <vector>

#include "support/audit_log.h"
#include "support/catch.h"

namespace krbtrail::activity {
namespace {

using Words = std::vector<std::string>;
constexpr auto kWhole = CommandLineSource::execve;
constexpr auto kTruncated = CommandLineSource::execve_truncated;

CommandLine command_line(std::string_view records) {
  const test::AuditLog log{records};
  model::Coverage coverage;
  audit::Decoder decoder{coverage};
  return command_line_of(decoder.decode(log.event(0)));
}

TEST_CASE("arguments are merged from all EXECVE records of the event", "[activity][command_line]") {
  const auto [records, argv, source] = GENERATE(table<std::string, Words, CommandLineSource>({
      {R"(type=EXECVE msg=audit(1.0:1): argc=3 a0="cp" a1="/tmp/krb5cc_1000" a2=2F746D702F61206220)",
       {"cp", "/tmp/krb5cc_1000", "/tmp/a b "},
       kWhole},
      // Pieces of a long argument, in hex or quoted, over records; laurel's record-execve-long.
      {R"(type=EXECVE msg=audit(1.0:1): argc=2 a0="/bin/echo" a1_len=12 a1[0]=6162
type=EXECVE msg=audit(1.0:1):  a1[1]=6364
type=EXECVE msg=audit(1.0:1):  a1[2]="ef")",
       {"/bin/echo", "abcdef"},
       kTruncated},  // 10 of 12 characters: the end is lost
      {R"(type=EXECVE msg=audit(1.0:1): argc=2 a0="/bin/echo" a1_len=10 a1[0]=6162
type=EXECVE msg=audit(1.0:1):  a1[1]=6364
type=EXECVE msg=audit(1.0:1):  a1[2]="ef")",
       {"/bin/echo", "abcdef"},
       kWhole},
      // Arguments go on in a record without argc, which may come first.
      {R"(type=EXECVE msg=audit(1.0:1): a2="c" a3="d"
type=EXECVE msg=audit(1.0:1): argc=4 a0="a" a1="b")",
       {"a", "b", "c", "d"},
       kWhole},
      // An argument number is a number, not text: a10 comes behind a9.
      {"type=EXECVE msg=audit(1.0:1): argc=12 a0=\"0\" a1=\"1\" a2=\"2\" a3=\"3\" a4=\"4\" "
       "a5=\"5\" "
       "a6=\"6\" a7=\"7\" a8=\"8\" a9=\"9\" a10=\"10\" a11=\"11\"",
       {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"},
       kWhole},
      // Old kernels leave empty arguments out.
      {R"(type=EXECVE msg=audit(1.0:1): argc=3 a0="/bin/ls" a2="/etc")",
       {"/bin/ls", "", "/etc"},
       kTruncated},
      {R"(type=EXECVE msg=audit(1.0:1): argc=3 a0="/bin/ls" a1="-l")",
       {"/bin/ls", "-l"},
       kTruncated},
      // argc is a hint, never a bound.
      {R"(type=EXECVE msg=audit(1.0:1): argc=0 a0="whoami")", {"whoami"}, kWhole},
      {R"(type=EXECVE msg=audit(1.0:1): argc=1 a0="")", {""}, kWhole},
      {R"(type=EXECVE msg=audit(1.0:1): argc=99999999999999999999 a0="x")", {"x"}, kWhole},
      // A piece in the middle is lost.
      {R"(type=EXECVE msg=audit(1.0:1): argc=1 a0[0]=6162 a0[2]=6566)", {"abef"}, kTruncated},
      {R"(type=EXECVE msg=audit(1.0:1): argc=1 a0[1]=6162)", {"ab"}, kTruncated},
      // The line was cut.
      {R"(type=EXECVE msg=audit(1.0:1): argc=2 a0="ls" a1="/et)", {"ls", "/et"}, kTruncated},
      {R"(type=EXECVE msg=audit(1.0:1): argc=2 a0="ls" a1=2F6)", {"ls", "2F6"}, kTruncated},
      // The same record twice, or an argument twice: the first counts.
      {R"(type=EXECVE msg=audit(1.0:1): argc=1 a0="x"
type=EXECVE msg=audit(1.0:1): argc=1 a0="y")",
       {"x"},
       kWhole},
      // Quoted text that looks like hex is text.
      {R"(type=EXECVE msg=audit(1.0:1): argc=2 a0="x" a1="6162")", {"x", "6162"}, kWhole},
  }));
  CAPTURE(records);
  const CommandLine line = command_line(records);
  CHECK(line.argv == argv);
  CHECK(line.source == source);
}

TEST_CASE("words are joined by one blank, empty ones too", "[activity][command_line]") {
  CHECK(command_line(R"(type=EXECVE msg=audit(1.0:1): argc=3 a0="a" a1="" a2="b")").text == "a  b");
}

TEST_CASE("a forged argument number costs no memory", "[activity][command_line]") {
  const CommandLine line = command_line(
      R"(type=EXECVE msg=audit(1.0:1): argc=2 a0="x" a4294967295="y" a99999999999="z" a3000000000="w")");
  CHECK(line.argv.size() == 3 + kMostFilledArguments);
  CHECK(line.argv.front() == "x");
  CHECK(line.argv.back() == "y");
  CHECK(line.source == kTruncated);
}

TEST_CASE("without EXECVE the title stands in, then comm", "[activity][command_line]") {
  const auto [records, text, source] = GENERATE(table<std::string, std::string, CommandLineSource>({
      {"type=SYSCALL msg=audit(1.0:1): pid=1 comm=\"cp\"\n"
       "type=PROCTITLE msg=audit(1.0:1): proctitle=6370002F746D702F6100",
       "cp /tmp/a", CommandLineSource::proctitle},
      {"type=SYSCALL msg=audit(1.0:1): pid=1 comm=\"cp\"\n"
       "type=PROCTITLE msg=audit(1.0:1): proctitle=\"cp\"",
       "cp", CommandLineSource::proctitle},
      {"type=SYSCALL msg=audit(1.0:1): pid=1 comm=\"cp\"\n"
       "type=PROCTITLE msg=audit(1.0:1): proctitle=(null)",
       "cp", CommandLineSource::comm},
      {"type=SYSCALL msg=audit(1.0:1): pid=1 comm=612062", "a b", CommandLineSource::comm},
      {"type=SYSCALL msg=audit(1.0:1): pid=1 comm=(null)", "", CommandLineSource::none},
      {"type=PATH msg=audit(1.0:1): item=0 name=\"/x\"", "", CommandLineSource::none},
      {"type=EXECVE msg=audit(1.0:1): argc=0\n"
       "type=SYSCALL msg=audit(1.0:1): pid=1 comm=\"x\"",
       "x", CommandLineSource::comm},
  }));
  CAPTURE(records);
  const CommandLine line = command_line(records);
  CHECK(line.text == text);
  CHECK(line.source == source);
  CHECK(line.argv.empty());
}

TEST_CASE("a long argument comes back byte for byte", "[activity][command_line]") {
  std::string argument;
  for (int i = 0; i < 20'000; ++i)
    argument.push_back(static_cast<char>(i % 251 + 1));
  std::string records = "type=EXECVE msg=audit(1.0:1): argc=2 a0=\"x\" a1_len=40000";
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (std::size_t at = 0, piece = 0; at < argument.size(); at += 3'700, ++piece) {
    records += (piece == 0 ? " a1[" : "\ntype=EXECVE msg=audit(1.0:1):  a1[") +
               std::to_string(piece) + "]=";
    for (const char c : argument.substr(at, 3'700)) {
      records.push_back(kDigits[static_cast<unsigned char>(c) / 16]);
      records.push_back(kDigits[static_cast<unsigned char>(c) % 16]);
    }
  }
  const CommandLine line = command_line(records);
  REQUIRE(line.argv.size() == 2);
  CHECK(line.argv[1] == argument);
  CHECK(line.source == kWhole);
}

}  // namespace
}  // namespace krbtrail::activity
