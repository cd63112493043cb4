// SPDX-License-Identifier: Apache-2.0
//
// Lineage and ticket trail under a story that the bytes choose, three of them an act: few processes
// and few files, so that pids and inodes are used again, tickets are copied over each other and
// processes start what was just renamed. With the prefilter and without it.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fuzz/prefilter.h"
#include "support/ticket_story.h"

namespace krbtrail::fuzz {
namespace {

constexpr std::size_t kBytesOfAct = 3;
constexpr std::size_t kMostActs = 300;

const std::array<std::string, 8> kPrograms = {"/usr/bin/cp",   "/usr/bin/klist",   "/usr/bin/tar",
                                              "/usr/bin/bash", "/usr/bin/python3", "/usr/bin/sshd",
                                              "/tmp/x",        "/usr/bin/kinit"};
const std::array<std::string, 8> kPaths = {
    "/tmp/krb5cc_1000", "/tmp/krb5cc_1001",        "/tmp/a",           "/root/b.tar",
    "/dev/shm/.c",      "/tmp/../tmp/krb5cc_1000", "/etc/krb5.keytab", "/tmp/kr b\"5cc"};
constexpr std::array<std::uint32_t, 4> kUsers = {0, 1000, 1001, 4294967295};

test::Who who(std::uint8_t chosen) {
  return {.pid = 100 + (chosen & 3U),
          .exe = kPrograms.at(chosen >> 2U & 7U),
          .ppid = 100 + (chosen >> 5U & 3U),
          .uid = kUsers.at(chosen >> 6U),
          .ses = 1U + (chosen >> 7U)};
}

test::What what(std::uint8_t chosen) {
  return {.path = kPaths.at(chosen & 7U),
          .inode = 1 + (chosen >> 3U & 7U),
          .owner = kUsers.at(chosen >> 6U)};
}

void add(test::Story& story, std::span<const std::uint8_t, kBytesOfAct> chosen) {
  const test::Who actor = who(chosen[1]);
  const test::What file = what(chosen[2]);
  const std::string& other = kPaths.at(chosen[0] >> 4U & 7U);
  switch (chosen[0] & 0x0FU) {
    case 0:
      story.exec(actor, {kPrograms.at(chosen[2] & 7U), file.path, other});
      break;
    case 1:
      story.exec(actor, {"sh", "-c", "cp " + file.path + " " + other}, file);
      break;
    case 2:
      story.read_below_folder(actor, file);
      break;
    case 3:
      story.write(actor, file);
      break;
    case 4:
      story.create(actor, file);
      break;
    case 5:
      story.rename(actor, file, other);
      break;
    case 6:
      story.rename(actor, file, other, {.path = other, .inode = 9, .owner = 0});
      break;
    case 7:
      story.link(actor, file, other);
      break;
    case 8:
      story.symlink(actor, file.path, {.path = other, .inode = 9, .owner = 0});
      break;
    case 9:
      story.unlink(actor, file);
      break;
    case 10:
      story.chown(actor, file, 1001);
      break;
    case 11:
      story.connect(actor);
      break;
    case 12:
      story.wait(std::chrono::seconds{chosen[2]});
      break;
    case 13:
      story.list_folder(actor, "/tmp");
      break;
    case 14:
      story.is_refused(actor, file);
      break;
    default:
      story.read(actor, file);
      break;
  }
}

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using krbtrail::fuzz::kBytesOfAct;
  krbtrail::test::Story story;
  std::span<const std::uint8_t> rest{data, size};
  for (std::size_t acts = 0; rest.size() >= kBytesOfAct && acts < krbtrail::fuzz::kMostActs;
       ++acts, rest = rest.subspan(kBytesOfAct))
    krbtrail::fuzz::add(story, rest.first<kBytesOfAct>());
  krbtrail::fuzz::check_both_lanes(story.text());
  return 0;
}
