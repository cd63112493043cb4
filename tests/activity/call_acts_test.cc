// SPDX-License-Identifier: Apache-2.0
#include "activity/call_acts.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "krbtrail/activity/interpreter.h"
#include "support/activity_log.h"
#include "support/catch.h"

namespace krbtrail::activity {
namespace {

template <class Number>
std::string number(const std::optional<Number>& value) {
  return value ? std::to_string(*value) : "-";
}

std::string words(const NetworkContact& contact) {
  if (contact.family == AddressFamily::local)
    return "unix " + contact.socket_path;
  return std::string{to_string(contact.family)} + " " + contact.address + " " +
         number(contact.port);
}

std::string words(const KeyringAccess& access) {
  return std::string{to_string(access.operation)} + " " + std::to_string(access.number) +
         " of uid " + number(access.target_uid) + " key " + number(access.key);
}

std::string words(const MemoryAccess& access) {
  return std::string{to_string(access.kind)} + " pid " + number(access.pid) + " uid " +
         number(access.uid) + " auid " + number(access.auid) + " " + access.comm +
         (access.target_recorded ? "" : " (not recorded)");
}

std::string words(const CallEvent& event) {
  const std::string act = std::visit([](const auto& what) { return words(what); }, event.act);
  return (event.success ? "" : "failed ") + act;
}

using Calls = std::vector<std::string>;

Calls calls_of(std::string_view records) {
  const test::ActivityLog activity{records};
  Calls calls;
  for (const CallEvent& event : activity.calls)
    calls.push_back(words(event));
  return calls;
}

constexpr std::string_view kDone = "success=yes exit=0";
constexpr std::string_view kAmd64 = "c000003e";

std::string stamped(std::string_view record, std::uint32_t serial = 42) {
  const std::size_t blank = record.find(' ');
  return "type=" + std::string{record.substr(0, blank)} +
         " msg=audit(1700000000.123:" + std::to_string(serial) +
         "): " + std::string{record.substr(blank + 1)} + "\n";
}

// A SYSCALL record of pid 7, then one other record.
std::string call(int number, std::string_view args, std::string_view rest = {},
                 std::string_view result = kDone, std::string_view arch = kAmd64) {
  return stamped("SYSCALL arch=" + std::string{arch} + " syscall=" + std::to_string(number) + " " +
                 std::string{result} + " " + std::string{args} +
                 " items=0 ppid=6 pid=7 auid=1001 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 "
                 "fsgid=0 tty=pts0 ses=3 comm=\"x\" exe=\"/usr/bin/x\" key=\"network\"") +
         (rest.empty() ? "" : stamped(rest));
}

constexpr std::string_view kWeb = "SOCKADDR saddr=02001F907F0000010000000000000000";
constexpr std::string_view kWebArgs = "a0=3 a1=55ea1a3ab8e0 a2=10 a3=7f0936450a08";

TEST_CASE("a call with a socket address is contact with the network", "[activity][call_acts]") {
  const auto [number, args, arch, expected] = GENERATE(table<int, std::string, std::string, Calls>({
      {42, "a0=3 a1=55ea a2=10 a3=0", "c000003e", {"inet 127.0.0.1 8080"}},         // connect
      {44, "a0=3 a1=55ea a2=10 a3=0", "c000003e", {"inet 127.0.0.1 8080"}},         // sendto
      {46, "a0=3 a1=55ea a2=0 a3=0", "c000003e", {"inet 127.0.0.1 8080"}},          // sendmsg
      {307, "a0=3 a1=55ea a2=1 a3=0", "c000003e", {"inet 127.0.0.1 8080"}},         // sendmmsg
      {1073742342, "a0=3 a1=55ea a2=0 a3=0", "c000003e", {"inet 127.0.0.1 8080"}},  // x32
      {362, "a0=3 a1=55ea a2=10 a3=0", "40000003", {"inet 127.0.0.1 8080"}},        // connect
      {102, "a0=3 a1=ffca a2=0 a3=0", "40000003", {"inet 127.0.0.1 8080"}},         // SYS_CONNECT
      {102, "a0=b a1=ffca a2=0 a3=0", "40000003", {"inet 127.0.0.1 8080"}},         // SYS_SENDTO
      {203, "a0=3 a1=55ea a2=10 a3=0", "c00000b7", {"inet 127.0.0.1 8080"}},
      // A bind has an address as well, its own: 49, and 2 of socketcall.
      {49, "a0=3 a1=55ea a2=10 a3=0", "c000003e", {}},
      {102, "a0=2 a1=ffca a2=0 a3=0", "40000003", {}},
      // 42 is no connect on aarch64.
      {42, "a0=3 a1=55ea a2=10 a3=0", "c00000b7", {}},
  }));
  CAPTURE(number, arch);
  CHECK(calls_of(call(number, args, kWeb, kDone, arch)) == expected);
}

TEST_CASE("contact without a readable address is not told", "[activity][call_acts]") {
  CHECK(calls_of(call(42, kWebArgs)).empty());  // sendto on a connected socket, or a lost record
  CHECK(
      calls_of(call(42, kWebArgs, "SOCKADDR saddr=100000000000000000000000")).empty());  // netlink
  CHECK(calls_of(call(42, kWebArgs, "SOCKADDR saddr=02001F907F0000")).empty());          // cut
  CHECK(calls_of(stamped(kWeb)).empty());                                                // nobody's
}

TEST_CASE("a connection under way is a success, a refused one is not", "[activity][call_acts]") {
  CHECK(calls_of(call(42, kWebArgs, kWeb, "success=no exit=-115")) == Calls{"inet 127.0.0.1 8080"});
  CHECK(calls_of(call(42, kWebArgs, kWeb, "success=no exit=-111")) ==
        Calls{"failed inet 127.0.0.1 8080"});
}

TEST_CASE("an enriched address does not come from its own words", "[activity][call_acts]") {
  const std::string forged =
      std::string{kWeb} + "\x1dSADDR={ saddr_fam=inet laddr=192.0.2.99 lport=1 }";
  CHECK(calls_of(call(42, kWebArgs, forged)) == Calls{"inet 127.0.0.1 8080"});
}

TEST_CASE("a connection to a local socket carries its path", "[activity][call_acts]") {
  const std::string kcm =
      "SOCKADDR saddr=01002F72756E2F2E6865696D5F6F72672E68356C2E6B636D2D736F636B657400";
  const test::ActivityLog activity{
      call(42, kWebArgs, kcm) +
      stamped("PATH item=0 name=\"/run/.heim_org.h5l.kcm-socket\" inode=7 dev=00:19 mode=0140666 "
              "ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0")};
  REQUIRE(activity.calls.size() == 1);
  CHECK(words(activity.calls[0]) == "unix /run/.heim_org.h5l.kcm-socket");
  CHECK(activity.files.empty());
}

TEST_CASE("io_uring's connections come from URINGOP and SOCKADDR records",
          "[activity][call_acts]") {
  const auto ring = [](int operation) {
    return stamped("URINGOP uring_op=" + std::to_string(operation) +
                   " success=yes exit=0 items=0 ppid=6 pid=7 uid=1000 key=(null)") +
           call(426, "a0=4 a1=1 a2=1 a3=1", kWeb);
  };
  CHECK(calls_of(ring(16)) == Calls{"inet 127.0.0.1 8080"});  // IORING_OP_CONNECT
  CHECK(calls_of(ring(9)) == Calls{"inet 127.0.0.1 8080"});   // IORING_OP_SENDMSG
  CHECK(calls_of(ring(18)).empty());                          // IORING_OP_OPENAT
  const std::string worker =
      stamped("URINGOP uring_op=16 success=yes exit=0 ppid=6 pid=7 uid=1000 key=(null)") +
      stamped(kWeb);
  CHECK(calls_of(worker) == Calls{"inet 127.0.0.1 8080"});
}

TEST_CASE("keyctl's operation, uid and key come from its arguments", "[activity][call_acts]") {
  const auto [number, arch, args, result, expected] =
      GENERATE(table<int, std::string, std::string, std::string, Calls>({
          {250,
           "c000003e",
           "a0=16 a1=3e8 a2=fffffffe a3=5609de2db104",
           "success=yes exit=289906629",
           {"get_persistent 22 of uid 1000 key 289906629"}},
          {250,
           "c000003e",
           "a0=16 a1=ffffffff a2=fffffffe a3=0",
           "success=yes exit=12",
           {"get_persistent 22 of uid - key 12"}},  // -1: the caller's own
          {250,
           "c000003e",
           "a0=16 a1=ffffffffffffffff a2=fffffffe a3=0",
           "success=yes exit=12",
           {"get_persistent 22 of uid - key 12"}},
          {250,
           "c000003e",
           "a0=16 a1=3e8 a2=fffffffe a3=0",
           "success=no exit=-13",
           {"failed get_persistent 22 of uid 1000 key -"}},
          {250,
           "c000003e",
           "a0=b a1=1b042233 a2=0 a3=0",
           "success=yes exit=12",
           {"read 11 of uid - key 453255731"}},
          {288,
           "40000003",
           "a0=b a1=1b042233 a2=0 a3=0",
           "success=yes exit=12",
           {"read 11 of uid - key 453255731"}},
          {219,
           "c00000b7",
           "a0=6 a1=1b042233 a2=0 a3=0",
           "success=yes exit=12",
           {"describe 6 of uid - key 453255731"}},
          {250,
           "c000003e",
           "a0=a a1=fffffffd a2=55 a3=66",
           "success=yes exit=12",
           {"search 10 of uid - key -3"}},  // the session keyring
          {250,
           "c000003e",
           "a0=8 a1=1b042233 a2=fffffffd a3=0",
           "success=yes exit=0",
           {"link 8 of uid - key 453255731"}},
          {250,
           "c000003e",
           "a0=5 a1=1b042233 a2=3f3f0000 a3=0",
           "success=yes exit=0",
           {"other 5 of uid - key -"}},  // setperm
      }));
  CAPTURE(arch, args);
  CHECK(calls_of(call(number, args, {}, result, arch)) == expected);
}

TEST_CASE("ptrace's attach and seize reach into the process of the OBJ_PID record",
          "[activity][call_acts]") {
  constexpr std::string_view kTarget =
      "OBJ_PID opid=5601 oauid=-1 ouid=1000 oses=-1 ocomm=\"python3\"";
  const auto [number, arch, args, expected] = GENERATE(table<int, std::string, std::string, Calls>({
      {101, "c000003e", "a0=10 a1=15e1 a2=0 a3=0", {"attach pid 5601 uid 1000 auid - python3"}},
      {101, "c000003e", "a0=4206 a1=15e1 a2=0 a3=0", {"seize pid 5601 uid 1000 auid - python3"}},
      {26, "40000003", "a0=10 a1=15e1 a2=0 a3=0", {"attach pid 5601 uid 1000 auid - python3"}},
      {117, "c00000b7", "a0=10 a1=15e1 a2=0 a3=0", {"attach pid 5601 uid 1000 auid - python3"}},
      {1073742345,
       "c000003e",
       "a0=10 a1=15e1 a2=0 a3=0",
       {"attach pid 5601 uid 1000 auid - python3"}},       // x32
      {101, "c000003e", "a0=0 a1=0 a2=0 a3=0", {}},        // PTRACE_TRACEME
      {101, "c000003e", "a0=1 a1=15e1 a2=7ff0 a3=0", {}},  // PTRACE_PEEKTEXT: attached already
  }));
  CAPTURE(arch, args);
  CHECK(calls_of(call(number, args, kTarget, kDone, arch)) == expected);
}

TEST_CASE("an escaped name of a target is decoded", "[activity][call_acts]") {
  CHECK(calls_of(call(101, "a0=10 a1=15e1 a2=0 a3=0",
                      "OBJ_PID opid=5601 oauid=1000 ouid=1000 oses=9 ocomm=612062")) ==
        Calls{"attach pid 5601 uid 1000 auid 1000 a b"});
}

TEST_CASE("a target without a record is what the process table knows", "[activity][call_acts]") {
  const std::string reads =
      call(310, "a0=15f3 a1=7fd732494ac0 a2=1 a3=7fd732494910", {}, "success=yes exit=675840");
  CHECK(calls_of(reads) == Calls{"read_memory pid 5619 uid - auid -  (not recorded)"});
  const std::string target =
      stamped(
          "SYSCALL arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=2 "
          "ppid=5618 pid=5619 auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 "
          "egid=1000 sgid=1000 fsgid=1000 tty=pts1 ses=9 comm=\"klist\" exe=\"/usr/bin/klist\" "
          "key=(null)",
          41) +
      stamped("EXECVE argc=1 a0=\"klist\"", 41);
  CHECK(calls_of(target + reads) ==
        Calls{"read_memory pid 5619 uid 1000 auid 1000 klist (not recorded)"});
}

TEST_CASE("a call's event names its actor and its keys", "[activity][call_acts]") {
  const test::ActivityLog activity{call(42, kWebArgs, kWeb)};
  REQUIRE(activity.calls.size() == 1);
  const CallEvent& event = activity.calls[0];
  CHECK(event.lineage.process.pid == 7);
  CHECK(event.lineage.process.exe == "/usr/bin/x");
  CHECK(event.lineage.process.identity.auid == 1001);
  CHECK(event.keys == std::vector<std::string>{"network"});
  CHECK(event.key.serial == 42);
}

TEST_CASE("arguments that are lost or unreadable leave their questions open",
          "[activity][call_acts]") {
  CHECK(calls_of(call(250, "a0=? a1=3e8")).empty());
  CHECK(calls_of(call(250, "a1=3e8")).empty());
  CHECK(calls_of(call(101, "a1=15e1")).empty());
  CHECK(calls_of(call(310, "a0=zz")) == Calls{"read_memory pid - uid - auid -  (not recorded)"});
}

}  // namespace
}  // namespace krbtrail::activity
