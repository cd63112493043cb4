// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/interpreter.h"

#include <string>
#include <string_view>
#include <vector>

#include "support/activity_log.h"
#include "support/catch.h"

namespace krbtrail::activity {
namespace {

using Acts = std::vector<std::string>;

// "action path" of each file event; "old -> new" of those with two names; the confidence where it
// is not that of an absolute name.
std::string words(const FileEvent& event) {
  const auto name = [](const FileObject& object) {
    const bool plain = object.confidence == PathConfidence::absolute;
    return (object.path.empty() ? "-" : object.path) +
           (plain ? "" : "(" + std::string{to_string(object.confidence)} + ")");
  };
  std::string text{to_string(event.action)};
  text += " " + (event.previous ? name(*event.previous) + " -> " : "") + name(event.object);
  if (event.replaced)
    text += " replacing " + name(*event.replaced);
  return text + (event.flags_known ? "" : " flags unknown");
}

Acts acts_of(std::string_view records) {
  const test::ActivityLog activity{records};
  Acts acts;
  for (const FileEvent& event : activity.files)
    acts.push_back(words(event));
  return acts;
}

// A SYSCALL record of pid 7 in x86_64 numbers, then the records of `rest` under the same stamp.
std::string call(int number, std::string_view args, const std::vector<std::string>& rest,
                 std::string_view result = "success=yes exit=3",
                 std::string_view arch = "c000003e") {
  const std::string stamp = " msg=audit(1700000000.123:42): ";
  std::string text = "type=SYSCALL" + stamp + "arch=" + std::string{arch} +
                     " syscall=" + std::to_string(number) + " " + std::string{result} + " " +
                     std::string{args} +
                     " items=1 ppid=6 pid=7 auid=1001 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 "
                     "sgid=0 fsgid=0 tty=pts0 ses=3 comm=\"cp\" exe=\"/usr/bin/cp\" "
                     "key=\"kerberos_ccache\"\n";
  for (const std::string& record : rest) {
    const std::size_t blank = record.find(' ');
    text += "type=" + record.substr(0, blank) + stamp + record.substr(blank + 1) + "\n";
  }
  return text;
}

std::string path(int item, const std::string& name, const std::string& nametype, int inode = 77,
                 std::string_view mode = "0100600") {
  return "PATH item=" + std::to_string(item) + " name=" + name + " inode=" + std::to_string(inode) +
         " dev=fd:01 mode=" + std::string{mode} +
         " ouid=1000 ogid=1000 rdev=00:00 nametype=" + nametype + " cap_fp=0";
}

const std::string kCwd = "CWD cwd=\"/root\"";
const std::string kTmp = path(0, "\"/tmp/\"", "PARENT", 2, "041777");
constexpr std::string_view kTicket = "\"/tmp/krb5cc_1000\"";
constexpr std::string_view kHere = "a0=ffffff9c a1=7ffc a2=0 a3=0";

std::string ticket(const std::string& nametype = "NORMAL") {
  return path(0, std::string{kTicket}, nametype);
}

TEST_CASE("an open is a read, a modification or a creation by its flags and its item",
          "[activity][interpreter]") {
  const auto [number, args, records,
              expected] = GENERATE(table<int, std::string, std::vector<std::string>, Acts>({
      {257, "a0=ffffff9c a1=7ffc a2=0 a3=0", {kCwd, ticket()}, {"read /tmp/krb5cc_1000"}},
      {257, "a0=ffffff9c a1=7ffc a2=80000 a3=0", {kCwd, ticket()}, {"read /tmp/krb5cc_1000"}},
      {257, "a0=ffffff9c a1=7ffc a2=1 a3=0", {kCwd, ticket()}, {"modified /tmp/krb5cc_1000"}},
      {257, "a0=ffffff9c a1=7ffc a2=2 a3=0", {kCwd, ticket()}, {"modified /tmp/krb5cc_1000"}},
      // O_TRUNC empties the file even with a reading mode.
      {257, "a0=ffffff9c a1=7ffc a2=200 a3=0", {kCwd, ticket()}, {"modified /tmp/krb5cc_1000"}},
      // O_CREAT of a file that is there already: NORMAL alone.
      {257, "a0=ffffff9c a1=7ffc a2=c1 a3=180", {kCwd, ticket()}, {"modified /tmp/krb5cc_1000"}},
      {257,
       "a0=ffffff9c a1=7ffc a2=c1 a3=180",
       {kCwd, kTmp, path(1, "\"/tmp/.svc_cache_bak\"", "CREATE")},
       {"created /tmp/.svc_cache_bak"}},
      // O_PATH reads nothing.
      {257, "a0=ffffff9c a1=7ffc a2=210000 a3=0", {kCwd, ticket()}, {}},
      // A directory is no file that is read.
      {257,
       "a0=ffffff9c a1=7ffc a2=90800 a3=0",
       {kCwd, path(0, "\"/tmp\"", "NORMAL", 2, "041777")},
       {}},
      // open's flags are a1, its third argument is the mode.
      {2, "a0=7ffc a1=0 a2=1b6 a3=0", {kCwd, ticket()}, {"read /tmp/krb5cc_1000"}},
      {2, "a0=7ffc a1=241 a2=1b6 a3=0", {kCwd, ticket()}, {"modified /tmp/krb5cc_1000"}},
      {85, "a0=7ffc a1=1b6 a2=0 a3=0", {kCwd, ticket()}, {"modified /tmp/krb5cc_1000"}},  // creat
      {85,
       "a0=7ffc a1=1b6 a2=0 a3=0",
       {kCwd, kTmp, path(1, "\"/tmp/x\"", "CREATE")},
       {"created /tmp/x"}},
      // openat2's flags stand in a record of their own, in octal.
      {437,
       "a0=ffffff9c a1=7ffc a2=7ffd a3=18",
       {"OPENAT2 oflag=0100302 mode=0600 resolve=0xa", kCwd, ticket()},
       {"modified /tmp/krb5cc_1000"}},
      {437,
       "a0=ffffff9c a1=7ffc a2=7ffd a3=18",
       {"OPENAT2 oflag=0100000 mode=0 resolve=0x0", kCwd, ticket()},
       {"read /tmp/krb5cc_1000"}},
      {437,
       "a0=ffffff9c a1=7ffc a2=7ffd a3=18",
       {kCwd, ticket()},
       {"read /tmp/krb5cc_1000 flags unknown"}},
      {437,
       "a0=ffffff9c a1=7ffc a2=7ffd a3=18",
       {"OPENAT2 oflag=010000000 mode=0 resolve=0x0", kCwd, ticket()},
       {}},
      {257, "a0=ffffff9c a1=7ffc", {kCwd, ticket()}, {"read /tmp/krb5cc_1000 flags unknown"}},
      {304, "a0=5 a1=7ffc a2=0 a3=0", {path(0, "(null)", "NORMAL")}, {"read -(null)"}},
      {76, "a0=7ffc a1=0 a2=0 a3=0", {kCwd, ticket()}, {"modified /tmp/krb5cc_1000"}},  // truncate
      // A device is opened, and is no regular file.
      {257,
       "a0=ffffff9c a1=7ffc a2=0 a3=0",
       {kCwd, path(0, "\"/dev/null\"", "NORMAL", 4, "020666")},
       {"read /dev/null"}},
  }));
  CAPTURE(number, args);
  CHECK(acts_of(call(number, args, records)) == expected);
}

TEST_CASE("what has two names is one event", "[activity][interpreter]") {
  const std::string elsewhere = path(1, "\"/var/tmp/\"", "PARENT", 3, "041777");
  const auto [number, args, records, expected] =
      GENERATE_COPY(table<int, std::string, std::vector<std::string>, Acts>({
          {82,
           "a0=7ffc a1=7ffd a2=0 a3=0",
           {kCwd, kTmp, elsewhere, path(2, "\"/tmp/krb5cc_1000\"", "DELETE", 77),
            path(3, "\"/var/tmp/x\"", "CREATE", 77)},
           {"renamed /tmp/krb5cc_1000 -> /var/tmp/x"}},
          // The file that had the new name is deleted by the way.
          {316,
           "a0=ffffff9c a1=7ffc a2=ffffff9c a3=7ffd",
           {kCwd, kTmp, elsewhere, path(2, "\"/tmp/a\"", "DELETE", 77),
            path(3, "\"/tmp/krb5cc_1000\"", "DELETE", 88),
            path(4, "\"/tmp/krb5cc_1000\"", "CREATE", 77)},
           {"renamed /tmp/a -> /tmp/krb5cc_1000 replacing /tmp/krb5cc_1000"}},
          // RENAME_EXCHANGE: both files have a new name.
          {316,
           "a0=ffffff9c a1=7ffc a2=ffffffffffffff9c a3=7ffd",
           {kCwd, kTmp, elsewhere, path(2, "\"/tmp/a\"", "DELETE", 77),
            path(3, "\"/tmp/b\"", "DELETE", 88), path(4, "\"/tmp/b\"", "CREATE", 77),
            path(5, "\"/tmp/a\"", "CREATE", 88)},
           {"renamed /tmp/a -> /tmp/b", "renamed /tmp/b -> /tmp/a"}},
          // Each name has its own folder argument.
          {264,
           "a0=5 a1=7ffc a2=ffffff9c a3=7ffd",
           {kCwd, kTmp, elsewhere, path(2, "\"a\"", "DELETE", 77), path(3, "\"b\"", "CREATE", 77)},
           {"renamed a(unresolved) -> /root/b(joined)"}},
          // The tail of the event was lost: the new name is not known.
          {82,
           "a0=7ffc a1=7ffd a2=0 a3=0",
           {kCwd, kTmp, elsewhere, path(2, "\"/tmp/krb5cc_1000\"", "DELETE", 77)},
           {"renamed /tmp/krb5cc_1000 -> -(null)"}},
          {86,
           "a0=7ffc a1=7ffd a2=0 a3=0",
           {kCwd, path(0, "\"/tmp/krb5cc_1000\"", "NORMAL", 77), elsewhere,
            path(2, "\"/tmp/x\"", "CREATE", 77)},
           {"linked /tmp/krb5cc_1000 -> /tmp/x"}},
          {265,
           "a0=5 a1=7ffc a2=ffffff9c a3=7ffd",
           {kCwd, path(0, "\"a\"", "NORMAL", 77), elsewhere, path(2, "\"x\"", "CREATE", 77)},
           {"linked a(unresolved) -> /root/x(joined)"}},
          // A symbolic link's target is text.
          {88,
           "a0=7ffc a1=7ffd a2=0 a3=0",
           {kCwd, kTmp, "PATH item=1 name=\"/tmp/krb5cc_1000\" nametype=UNKNOWN",
            path(2, "\"/tmp/link\"", "CREATE", 90, "0120777")},
           {"symlinked /tmp/krb5cc_1000 -> /tmp/link"}},
          {266,
           "a0=7ffc a1=ffffff9c a2=7ffd a3=0",
           {kCwd, kTmp, "PATH item=1 name=\"krb5cc_1000\" nametype=UNKNOWN",
            path(2, "\"link\"", "CREATE", 90, "0120777")},
           {"symlinked krb5cc_1000(unresolved) -> /root/link(joined)"}},
      }));
  CAPTURE(number, args);
  CHECK(acts_of(call(number, args, records)) == expected);
}

TEST_CASE("deletions, attributes and what is no act", "[activity][interpreter]") {
  const auto [number, args, records, expected] =
      GENERATE(table<int, std::string, std::vector<std::string>, Acts>({
          {87,
           "a0=7ffc a1=0",
           {kCwd, kTmp, path(1, "\"/tmp/krb5cc_1000\"", "DELETE")},
           {"deleted /tmp/krb5cc_1000"}},
          {263,
           "a0=ffffff9c a1=7ffc",
           {kCwd, kTmp, path(1, "\"/tmp/x\"", "DELETE")},
           {"deleted /tmp/x"}},
          // rm -r: PARENT's name is the working directory, which is wrong, and CWD does not help.
          {263,
           "a0=4 a1=7ffc",
           {kCwd, path(0, "\"/root\"", "PARENT", 2), path(1, "\"1\"", "DELETE")},
           {"deleted 1(unresolved)"}},
          {263,
           "a0=ffffff9c a1=7ffc a2=200",
           {kCwd, kTmp, path(1, "\"/tmp/d\"", "DELETE", 5, "040700")},
           {}},
          {84, "a0=7ffc", {kCwd, kTmp, path(1, "\"/tmp/d\"", "DELETE", 5, "040700")}, {}},  // rmdir
          {83, "a0=7ffc", {kCwd, kTmp, path(1, "\"/tmp/d\"", "CREATE", 5, "040700")}, {}},  // mkdir
          {133,
           "a0=7ffc",
           {kCwd, kTmp, path(1, "\"/tmp/p\"", "CREATE", 5, "010600")},
           {"created /tmp/p"}},
          {90, "a0=7ffc a1=1b6", {kCwd, ticket()}, {"attributes /tmp/krb5cc_1000"}},
          {92, "a0=7ffc a1=3e8", {kCwd, ticket()}, {"attributes /tmp/krb5cc_1000"}},
          {188, "a0=7ffc a1=7ffd", {kCwd, ticket()}, {"attributes /tmp/krb5cc_1000"}},
          {452, "a0=ffffff9c a1=7ffc", {kCwd, ticket()}, {"attributes /tmp/krb5cc_1000"}},
          {4, "a0=7ffc a1=7ffd", {kCwd, ticket()}, {}},    // stat
          {191, "a0=7ffc a1=7ffd", {kCwd, ticket()}, {}},  // getxattr: `ls -l`
          {21, "a0=7ffc a1=0", {kCwd, ticket()}, {}},      // access
          {89, "a0=7ffc a1=0", {kCwd, ticket()}, {}},      // readlink
          {42, "a0=3 a1=7ffc", {"SOCKADDR saddr=0100"}, {}},
          {257, "a0=ffffff9c a1=7ffc a2=0", {}, {}},  // the PATH records are lost
          {257, "a0=ffffff9c a1=7ffc a2=0", {kCwd, kTmp, path(1, "\"/tmp/x\"", "UNKNOWN")}, {}},
          // A record that is there twice is one object.
          {257, "a0=ffffff9c a1=7ffc a2=0", {kCwd, ticket(), ticket()}, {"read /tmp/krb5cc_1000"}},
      }));
  CAPTURE(number, args);
  CHECK(acts_of(call(number, args, records)) == expected);
}

TEST_CASE("a call that failed was attempted", "[activity][interpreter]") {
  const auto [number, args, records, result, expected] =
      GENERATE(table<int, std::string, std::vector<std::string>, std::string, Acts>({
          {257,
           "a0=ffffff9c a1=7ffc a2=0",
           {kCwd, ticket()},
           "success=no exit=-13",
           {"attempted /tmp/krb5cc_1000"}},
          {257,
           "a0=ffffff9c a1=7ffc a2=0",
           {kCwd, path(0, "\"/tmp/x\"", "UNKNOWN")},
           "success=no exit=-2",
           {"attempted /tmp/x"}},
          // cp asks whether its target is a directory.
          {257,
           "a0=ffffff9c a1=7ffc a2=210000",
           {kCwd, path(0, "\"/tmp/x\"", "UNKNOWN")},
           "success=no exit=-2",
           {}},
          {87,
           "a0=7ffc",
           {kCwd, kTmp, path(1, "\"/tmp/x\"", "DELETE")},
           "success=no exit=-1",
           {"attempted /tmp/x"}},
          {4, "a0=7ffc", {kCwd, ticket()}, "success=no exit=-13", {}},
          {59, "a0=7ffc", {kCwd, path(0, "\"/bin/x\"", "NORMAL")}, "success=no exit=-13", {}},
      }));
  CAPTURE(number, args, result);
  const test::ActivityLog activity{call(number, args, records, result)};
  Acts acts;
  for (const FileEvent& event : activity.files) {
    acts.push_back(words(event));
    CHECK_FALSE(event.success);
  }
  CHECK(acts == expected);
  CHECK(activity.processes.empty());
}

TEST_CASE("a number is read with its architecture", "[activity][interpreter]") {
  const auto [arch, number, args, expected] = GENERATE(table<std::string, int, std::string, Acts>({
      {"40000003", 5, "a0=ff a1=0 a2=1b6", {"read /tmp/krb5cc_1000"}},         // i386 open
      {"40000003", 295, "a0=ffffff9c a1=ff a2=0", {"read /tmp/krb5cc_1000"}},  // i386 openat
      {"40000003", 295, "a0=ffffff9c a1=ff a2=8241", {"modified /tmp/krb5cc_1000"}},
      {"40000003", 193, "a0=ff a1=0", {"modified /tmp/krb5cc_1000"}},  // truncate64
      {"c00000b7", 56, "a0=ffffffffffffff9c a1=ff a2=0", {"read /tmp/krb5cc_1000"}},
      {"40000003", 257, "a0=ffffff9c a1=ff a2=0", {}},  // remap_file_pages
      {"c00000b7", 257, "a0=ffffff9c a1=ff a2=0", {}},
      {"80000015", 286, "a0=ffffff9c a1=ff a2=0", {}},  // ppc64: not known
  }));
  CAPTURE(arch, number);
  CHECK(acts_of(call(number, args, {kCwd, ticket()}, "success=yes exit=3", arch)) == expected);
}

TEST_CASE("an enriched name stands in for a number of an unknown architecture",
          "[activity][interpreter]") {
  std::string text = call(286, kHere, {kCwd, ticket()}, "success=yes exit=3", "80000015");
  text.insert(text.find('\n'),
              "\x1d"
              "ARCH=ppc64 SYSCALL=openat AUID=\"mallory\"");
  CHECK(acts_of(text) == Acts{"read /tmp/krb5cc_1000"});
}

TEST_CASE("a relative name belongs to the working directory only with AT_FDCWD",
          "[activity][interpreter]") {
  const auto [a0, expected] = GENERATE(table<std::string, std::string>({
      {"ffffff9c", "read /root/krb5cc_1000(joined)"},
      {"ffffffffffffff9c", "read /root/krb5cc_1000(joined)"},
      {"3", "read krb5cc_1000(unresolved)"},
      {"0", "read krb5cc_1000(unresolved)"},
      {"ffffffff", "read krb5cc_1000(unresolved)"},
      {"zz", "read krb5cc_1000(unresolved)"},
  }));
  CAPTURE(a0);
  CHECK(acts_of(call(257, "a0=" + a0 + " a1=7ffc a2=0",
                     {kCwd, path(0, "\"krb5cc_1000\"", "NORMAL")})) == Acts{expected});
}

TEST_CASE("an absolute name needs no folder, a hexadecimal one is decoded",
          "[activity][interpreter]") {
  CHECK(acts_of(call(257, "a0=5 a1=7ffc a2=0", {kCwd, ticket()})) == Acts{"read /tmp/krb5cc_1000"});
  CHECK(acts_of(call(257, "a0=5 a1=7ffc a2=0", {kCwd, path(0, "2F746D702F612062", "NORMAL")})) ==
        Acts{"read /tmp/a b"});
  CHECK(acts_of(call(257, std::string{kHere}, {kCwd, path(0, "\"/var/..//tmp/./x\"", "NORMAL")})) ==
        Acts{"read /tmp/x"});
  // A quoted "(null)" is a file of that name.
  CHECK(acts_of(call(257, std::string{kHere}, {kCwd, path(0, "\"(null)\"", "NORMAL")})) ==
        Acts{"read /root/(null)(joined)"});
}

// `text` with another stamp, so that several calls make one log.
std::string at(int serial, std::string text) {
  const std::string from = "(1700000000.123:42)";
  const std::string to =
      "(1700000000." + std::to_string(200 + serial) + ":" + std::to_string(serial) + ")";
  for (auto place = text.find(from); place != std::string::npos; place = text.find(from, place))
    text.replace(place, from.size(), to);
  return text;
}

TEST_CASE("a name relative to an open folder is known by its inode", "[activity][interpreter]") {
  const std::string full = at(1, call(257, std::string{kHere}, {kCwd, ticket()}));
  const std::string relative =
      at(9, call(257, "a0=3 a1=7ffc a2=0", {kCwd, path(0, "\"krb5cc_1000\"", "NORMAL")}));
  const auto last_act = [](const std::string& text) { return acts_of(text).back(); };
  CHECK(last_act(full + relative) == "read /tmp/krb5cc_1000(inode)");
  CHECK(
      last_act(full + at(9, call(257, "a0=3 a1=7ffc a2=0", {kCwd, path(0, "\"x\"", "NORMAL")}))) ==
      "read x(unresolved)");  // another base name: a link
  CHECK(last_act(full + at(9, call(257, "a0=3 a1=7ffc a2=0",
                                   {kCwd, path(0, "\"krb5cc_1000\"", "NORMAL", 78)}))) ==
        "read krb5cc_1000(unresolved)");
  const std::string deleted =
      at(2, call(87, "a0=7ffc", {kCwd, kTmp, path(1, "\"/tmp/other\"", "DELETE")}));
  CHECK(last_act(full + deleted + relative) == "read krb5cc_1000(unresolved)");
  const std::string not_deleted = at(
      2,
      call(87, "a0=7ffc", {kCwd, kTmp, path(1, "\"/tmp/other\"", "DELETE")}, "success=no exit=-1"));
  CHECK(last_act(full + not_deleted + relative) == "read /tmp/krb5cc_1000(inode)");
  const std::string created =
      at(2, call(257, "a0=3 a1=7ffc a2=41", {kCwd, kTmp, path(1, "\"y\"", "CREATE")}));
  CHECK(last_act(full + created + relative) == "read krb5cc_1000(unresolved)");
  // The name that is deleted is itself still known.
  const std::string deleted_by_itself =
      at(2, call(263, "a0=3 a1=7ffc", {kCwd, kTmp, path(1, "\"krb5cc_1000\"", "DELETE")}));
  CHECK(last_act(full + deleted_by_itself) == "deleted /tmp/krb5cc_1000(inode)");
  const std::string renamed = at(2, call(82, "a0=7ffc a1=7ffd",
                                         {kCwd, kTmp, path(1, "\"/tmp/\"", "PARENT", 2, "041777"),
                                          path(2, "\"/tmp/krb5cc_1000\"", "DELETE"),
                                          path(3, "\"/srv/krb5cc_1000\"", "CREATE")}));
  CHECK(last_act(full + renamed + relative) == "read /srv/krb5cc_1000(inode)");
}

TEST_CASE("a change of attributes says who becomes the owner and what the mode",
          "[activity][interpreter]") {
  using Ids = std::optional<std::uint32_t>;
  const auto [number, arch, args, owner, mode] =
      GENERATE(table<int, std::string, std::string, Ids, Ids>({
          {92, "c000003e", "a0=7ffc a1=3ea a2=3ea", Ids{1002}, Ids{}},        // chown
          {92, "c000003e", "a0=7ffc a1=ffffffff a2=3ea", Ids{}, Ids{}},       // of the group alone
          {93, "c000003e", "a0=3 a1=ffffffffffffffff a2=3ea", Ids{}, Ids{}},  // fchown, likewise
          {93, "c000003e", "a0=3 a1=0 a2=0", Ids{0}, Ids{}},
          {94, "c000003e", "a0=7ffc a1=3ea a2=3ea", Ids{1002}, Ids{}},               // lchown
          {260, "c000003e", "a0=ffffff9c a1=7ffc a2=3ea a3=3ea", Ids{1002}, Ids{}},  // fchownat
          {54, "c00000b7", "a0=ffffff9c a1=7ffc a2=3ea a3=3ea", Ids{1002}, Ids{}},
          {212, "40000003", "a0=ffca a1=186a2 a2=0", Ids{100'002}, Ids{}},  // chown32
          {182, "40000003", "a0=ffca a1=ffff a2=0", Ids{}, Ids{}},          // 16 bits
          {182, "40000003", "a0=ffca a1=3ea a2=0", Ids{1002}, Ids{}},
          {90, "c000003e", "a0=7ffc a1=1a4", Ids{}, Ids{0644}},  // chmod
          {91, "c000003e", "a0=3 a1=81a4", Ids{}, Ids{0644}},    // fchmod; S_IFREG is dropped
          {268, "c000003e", "a0=ffffff9c a1=7ffc a2=180", Ids{}, Ids{0600}},        // fchmodat
          {452, "c000003e", "a0=ffffff9c a1=7ffc a2=9ed a3=0", Ids{}, Ids{04755}},  // fchmodat2
          {188, "c000003e", "a0=7ffc a1=7ffd a2=3ea", Ids{}, Ids{}},  // setxattr sets neither
          {92, "c000003e", "a0=7ffc", Ids{}, Ids{}},                  // the argument is lost
      }));
  CAPTURE(number, arch, args);
  const test::ActivityLog activity{
      call(number, args, {kCwd, ticket()}, "success=yes exit=0", arch)};
  REQUIRE(activity.files.size() == 1);
  CHECK(activity.files[0].action == FileAction::attributes);
  CHECK(activity.files[0].new_owner == owner);
  CHECK(activity.files[0].new_mode == mode);
}

TEST_CASE("a refused change of the owner says what was wanted", "[activity][interpreter]") {
  const test::ActivityLog activity{
      call(92, "a0=7ffc a1=3ea a2=3ea", {kCwd, ticket()}, "success=no exit=-1")};
  REQUIRE(activity.files.size() == 1);
  CHECK(activity.files[0].action == FileAction::attempted);
  CHECK(activity.files[0].new_owner == 1002);
}

TEST_CASE("whose file a process runs is known from its exec on", "[activity][interpreter]") {
  const std::string exec = at(
      1, call(59, "a0=7ffc",
              {"EXECVE argc=1 a0=\"cp\"", kCwd, path(0, "\"/usr/bin/cp\"", "NORMAL", 5, "0100755"),
               "PATH item=1 name=\"/lib64/ld.so\" inode=6 dev=fd:01 "
               "mode=0100777 ouid=7 nametype=NORMAL"},
              "success=yes exit=0"));
  const std::string act = at(2, call(257, kHere, {kCwd, ticket()}));
  const test::ActivityLog activity{exec + act};
  REQUIRE(activity.processes.size() == 1);
  CHECK(activity.processes[0].lineage.process.file_owner == 1000);
  CHECK(activity.processes[0].lineage.process.file_mode == 0100755);
  REQUIRE(activity.files.size() == 1);
  CHECK(activity.files[0].lineage.process.file_owner == 1000);
  CHECK(activity.files[0].lineage.process.file_mode == 0100755);
  const test::ActivityLog without_exec{act};
  REQUIRE(without_exec.files.size() == 1);
  CHECK_FALSE(without_exec.files[0].lineage.process.file_owner);
}

TEST_CASE("an event that is skipped still ends names", "[activity][interpreter]") {
  const std::string deleted =
      call(87, "a0=7ffc", {kCwd, kTmp, path(1, "\"/tmp/other\"", "DELETE")});
  const test::AuditLog log{deleted};
  const Accounts accounts;
  model::Coverage coverage;
  ProcessTable table{{}, accounts, coverage};
  FileNames names{{}, nullptr, coverage};
  FileObject object;
  object.path = "/tmp/krb5cc_1000";
  object.confidence = PathConfidence::absolute;
  object.device = "fd:01";
  object.inode = 77;
  names.remember(log.event(0).key.host, object);
  struct Nobody : ActivitySink {
    void push(const ProcessEvent& /*event*/) override {}
    void push(const FileEvent& /*event*/) override {}
    void push(const CallEvent& /*event*/) override {}
  } nobody;
  Interpreter interpreter{table, accounts, names, nobody};
  interpreter.skip(log.event(0));
  CHECK(names.known(log.event(0).key.host, "fd:01", 77).empty());
}

TEST_CASE("io_uring's acts come from URINGOP and PATH records", "[activity][interpreter]") {
  const std::string stamp = " msg=audit(1700000000.123:42): ";
  const std::string inside =
      "type=URINGOP" + stamp +
      "uring_op=18 success=yes exit=0 items=1 ppid=6 pid=7 uid=0 key=(null)\n" +
      call(426, "a0=4 a1=1 a2=1 a3=1", {kCwd, ticket()}, "success=yes exit=1");
  CHECK(acts_of(inside) == Acts{"read /tmp/krb5cc_1000 flags unknown"});
  // A rule on io_uring_enter alone.
  CHECK(acts_of(call(426, "a0=4 a1=1 a2=1 a3=1", {kCwd, ticket()}, "success=yes exit=1")) ==
        Acts{"read /tmp/krb5cc_1000 flags unknown"});
  const std::string worker =
      "type=URINGOP" + stamp +
      "uring_op=18 success=yes exit=0 items=1 ppid=6 pid=7 uid=1000 euid=0 fsuid=0 key=\"k\"\n"
      "type=PATH" +
      stamp + path(0, "\"krb5cc_1000\"", "NORMAL").substr(5) + "\n";
  CHECK(acts_of(worker) == Acts{"read krb5cc_1000(unresolved) flags unknown"});
  CHECK(acts_of("type=URINGOP" + stamp + "uring_op=36 success=no exit=-13 ppid=6 pid=7 uid=0\n" +
                "type=PATH" + stamp + path(0, "\"/tmp/x\"", "DELETE").substr(5) + "\n") ==
        Acts{"attempted /tmp/x"});
  CHECK(acts_of("type=URINGOP" + stamp + "uring_op=22 success=yes exit=0 ppid=6 pid=7 uid=0\n" +
                "type=PATH" + stamp + path(0, "\"/tmp/x\"", "NORMAL").substr(5) + "\n")
            .empty());
}

TEST_CASE("a ring's worker is the process that the table knows", "[activity][interpreter]") {
  const std::string exec = at(
      1, call(59, "a0=7ffc", {"EXECVE argc=2 a0=\"ring\" a1=\"x\"", kCwd}, "success=yes exit=0"));
  const std::string worker =
      "type=URINGOP msg=audit(1700000000.300:43): uring_op=18 success=yes exit=0 items=1 ppid=6 "
      "pid=7 uid=1000 euid=0 fsuid=0 key=\"k\"\n"
      "type=PATH msg=audit(1700000000.300:43): item=0 name=\"/tmp/krb5cc_1000\" nametype=NORMAL\n";
  const test::ActivityLog activity{exec + worker};
  REQUIRE(activity.files.size() == 1);
  const Process& process = activity.files[0].lineage.process;
  CHECK(process.exe == "/usr/bin/cp");
  CHECK(process.identity.uid == 1000);
  CHECK(process.identity.auid == 1001);
  CHECK(process.command_line == "ring x");
  CHECK(process.source == ProcessSource::exec);
  CHECK(activity.files[0].keys == std::vector<std::string>{"k"});
}

TEST_CASE("old kernels say objtype, older ones nothing", "[activity][interpreter]") {
  CHECK(acts_of(
            call(82, "a0=7ffc a1=7ffd",
                 {kCwd, "PATH item=0 name=\"/tmp/a\" inode=7 dev=fd:01 mode=0100600 objtype=DELETE",
                  "PATH item=1 name=\"/tmp/b\" inode=7 dev=fd:01 mode=0100600 objtype=CREATE"})) ==
        Acts{"renamed /tmp/a -> /tmp/b"});
  CHECK(acts_of(call(257, std::string{kHere},
                     {kCwd, "PATH item=0 name=\"/tmp/a\" inode=7 dev=fd:01 mode=0100600"})) ==
        Acts{"read /tmp/a"});
  CHECK(acts_of(call(82, "a0=7ffc a1=7ffd",
                     {kCwd, "PATH item=0 name=\"/tmp/\" inode=2 dev=fd:01 mode=041777",
                      "PATH item=1 name=\"/tmp/\" inode=2 dev=fd:01 mode=041777",
                      "PATH item=2 name=\"/tmp/a\" inode=7 dev=fd:01 mode=0100600",
                      "PATH item=3 name=\"/tmp/b\" inode=7 dev=fd:01 mode=0100600"})) ==
        Acts{"renamed /tmp/a -> /tmp/b"});
}

TEST_CASE("a file event says what was touched and by whom", "[activity][interpreter]") {
  const test::ActivityLog activity{
      at(1, call(59, "a0=7ffc",
                 {"EXECVE argc=3 a0=\"cp\" a1=\"/tmp/krb5cc_1000\" a2=\"/tmp/x\"",
                  "CWD cwd=\"/home/m\"", path(0, "\"/usr/bin/cp\"", "NORMAL")},
                 "success=yes exit=0")) +
      at(2, call(257, std::string{kHere},
                 {kCwd, ticket(), "PROCTITLE proctitle=73746167676572696E67"}))};
  REQUIRE(activity.processes.size() == 1);
  REQUIRE(activity.files.size() == 1);  // the exec's own PATH record is no file event
  const FileEvent& event = activity.files[0];
  CHECK(event.key.serial == 2);
  CHECK(event.success);
  CHECK(event.object.device == "fd:01");
  CHECK(event.object.inode == 77);
  CHECK(event.object.mode == 0100600);
  CHECK(event.object.owner_uid == 1000);
  CHECK(event.keys == std::vector<std::string>{"kerberos_ccache"});
  const Process& process = event.lineage.process;
  CHECK(process.pid == 7);
  CHECK(process.ppid == 6);
  CHECK(process.exe == "/usr/bin/cp");
  CHECK(process.comm == "cp");
  CHECK(process.identity.auid == 1001);
  CHECK(process.identity.tty == "pts0");
  CHECK(process.argv == std::vector<std::string>{"cp", "/tmp/krb5cc_1000", "/tmp/x"});
  CHECK(process.command_line == "cp /tmp/krb5cc_1000 /tmp/x");  // not the stale title
  CHECK(process.command_line_source == CommandLineSource::execve);
  CHECK(process.cwd == "/home/m");
  CHECK(process.source == ProcessSource::exec);
  REQUIRE(event.lineage.ancestry.size() == 1);
  CHECK(event.lineage.ancestry.front().pid == 6);
  CHECK(event.lineage.ancestry.front().source == ProcessSource::unknown);
}

TEST_CASE("without its exec a process has the title, then comm", "[activity][interpreter]") {
  const auto first_process = [](const std::string& text) {
    return test::ActivityLog{text}.files.at(0).lineage.process;
  };
  const Process titled = first_process(
      call(257, std::string{kHere}, {kCwd, ticket(), "PROCTITLE proctitle=6370002F746D70"}));
  CHECK(titled.command_line == "cp /tmp");
  CHECK(titled.command_line_source == CommandLineSource::proctitle);
  CHECK(titled.source == ProcessSource::actor);
  CHECK(titled.cwd == "/root");
  CHECK(titled.argv.empty());
  const Process untitled = first_process(call(257, std::string{kHere}, {kCwd, ticket()}));
  CHECK(untitled.command_line == "cp");
  CHECK(untitled.command_line_source == CommandLineSource::comm);
}

TEST_CASE("an exec is a process event if it succeeded", "[activity][interpreter]") {
  const test::ActivityLog activity{
      call(59, "a0=7ffc",
           {"EXECVE argc=2 a0=\"python3\" a1=2D63", "CWD cwd=\"/root\"",
            path(0, "\"/usr/bin/python3\"", "NORMAL"), "PROCTITLE proctitle=\"bash\""},
           "success=yes exit=0")};
  REQUIRE(activity.processes.size() == 1);
  const ProcessEvent& event = activity.processes[0];
  CHECK(event.key.serial == 42);
  CHECK(event.keys == std::vector<std::string>{"kerberos_ccache"});
  CHECK(event.lineage.process.command_line == "python3 -c");
  CHECK(event.lineage.process.cwd == "/root");
  CHECK(event.lineage.process.source == ProcessSource::exec);
  CHECK(event.lineage.process.identity.uid == 0);
  CHECK(event.lineage.process.identity.account_name == std::nullopt);
  CHECK(activity.files.empty());
}

TEST_CASE("an exec whose SYSCALL record is lost is still one", "[activity][interpreter]") {
  const test::ActivityLog activity{
      "type=EXECVE msg=audit(1.0:1): argc=2 a0=\"cp\" a1=\"/tmp/krb5cc_1000\"\n"
      "type=CWD msg=audit(1.0:1): cwd=\"/root\"\n"};
  REQUIRE(activity.processes.size() == 1);
  CHECK(activity.processes[0].lineage.process.pid == std::nullopt);
  CHECK(activity.processes[0].lineage.process.command_line == "cp /tmp/krb5cc_1000");
  CHECK(activity.processes[0].lineage.ancestry.empty());
}

TEST_CASE("an exec whose EXECVE record is lost has its title", "[activity][interpreter]") {
  const test::ActivityLog activity{
      call(59, "a0=7ffc", {kCwd, "PROCTITLE proctitle=6370002F746D70"}, "success=yes exit=0")};
  REQUIRE(activity.processes.size() == 1);
  CHECK(activity.processes[0].lineage.process.command_line == "cp /tmp");
  CHECK(activity.processes[0].lineage.process.command_line_source == CommandLineSource::proctitle);
}

TEST_CASE("PATH records without a call are nothing", "[activity][interpreter]") {
  CHECK(acts_of("type=PATH msg=audit(1.0:1): item=0 name=\"/tmp/krb5cc_1000\" nametype=NORMAL\n"
                "type=CWD msg=audit(1.0:1): cwd=\"/\"\n")
            .empty());
}

TEST_CASE("first-class records beside a SYSCALL do not disturb it", "[activity][interpreter]") {
  const std::string stamp = " msg=audit(1700000000.123:42): ";
  CHECK(acts_of("type=LOGIN" + stamp + "pid=9 uid=5 old-auid=4294967295 auid=0 res=1\n" +
                "type=SERVICE_START" + stamp + "pid=1 uid=0 msg='unit=x exe=\"/x\" res=success'\n" +
                call(257, std::string{kHere}, {kCwd, ticket()})) == Acts{"read /tmp/krb5cc_1000"});
}

TEST_CASE("several keys, and none", "[activity][interpreter]") {
  std::string text = call(257, std::string{kHere}, {kCwd, ticket()});
  const std::string key = "key=\"kerberos_ccache\"";
  const auto keys = [](const std::string& log) { return test::ActivityLog{log}.files.at(0).keys; };
  text.replace(text.find(key), key.size(), "key=6B657931016B657932");
  CHECK(keys(text) == std::vector<std::string>{"key1", "key2"});
  text.replace(text.find("key=6B657931016B657932"), 22, "key=(null)");
  CHECK(keys(text).empty());
}

TEST_CASE("names come from the record or the passwd file that was given",
          "[activity][interpreter]") {
  std::string text = call(257, std::string{kHere}, {kCwd, ticket()});
  const auto account = [](const std::string& log, std::string_view passwd) {
    return test::ActivityLog{log, {.passwd = passwd}}
        .files.at(0)
        .lineage.process.identity.account_name;
  };
  CHECK(account(text, "") == std::nullopt);
  CHECK(account(text, "admin:x:0:0::/:/bin/sh\n") == "admin");
  text.insert(text.find('\n'),
              "\x1d"
              "ARCH=x86_64 SYSCALL=openat AUID=\"mallory\" UID=\"toor\"");
  CHECK(account(text, "admin:x:0:0::/:/bin/sh\n") == "toor");
}

TEST_CASE("unset ids are unset", "[activity][interpreter]") {
  std::string text = call(257, std::string{kHere}, {kCwd, ticket()});
  text.replace(text.find("auid=1001"), 9, "auid=4294967295");
  text.replace(text.find("ses=3"), 5, "ses=-1");
  text.replace(text.find("tty=pts0"), 8, "tty=(none)");
  const Identity identity = test::ActivityLog{text}.files.at(0).lineage.process.identity;
  CHECK(identity.auid == std::nullopt);
  CHECK(identity.ses == std::nullopt);
  CHECK(identity.tty.empty());
  CHECK(identity.fsuid == 0);
}

}  // namespace
}  // namespace krbtrail::activity
