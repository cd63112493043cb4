// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/file_path.h"

#include <filesystem>
#include <random>
#include <string>

#include "support/catch.h"

namespace krbtrail::activity {
namespace {

TEST_CASE("a path is normalised by its letters alone", "[activity][file_path]") {
  const auto [path, expected] = GENERATE(table<std::string, std::string>({
      {"/tmp/x", "/tmp/x"},
      {"/tmp//x", "/tmp/x"},
      {"/tmp/./x", "/tmp/x"},
      {"/var/../tmp/x", "/tmp/x"},
      {"//tmp/x", "/tmp/x"},
      {"/tmp/", "/tmp"},
      {"/", "/"},
      {"/..", "/"},  // the root is its own parent
      {"/../../etc", "/etc"},
      {"/a/b/..", "/a"},  // libauparse 3.0.9 says otherwise
      {"/a/..", "/"},
      {"/a/...", "/a/..."},  // a name
      {"/a/.x", "/a/.x"},
      {"/a/x.", "/a/x."},
      {"/a b/\n", "/a b/\n"},  // any byte but slash and NUL is part of a name
  }));
  CAPTURE(path);
  CHECK(normalised(path) == expected);
}

TEST_CASE("a name is resolved as far as the record allows", "[activity][file_path]") {
  using PC = PathConfidence;
  const auto [name, cwd, folder, path, confidence] =
      GENERATE(table<std::string, std::string, Folder, std::string, PC>({
          {"/tmp/x", "/root", Folder::working, "/tmp/x", PC::absolute},
          {"/tmp/x", "", Folder::descriptor, "/tmp/x", PC::absolute},  // needs no folder
          {"x", "/root", Folder::working, "/root/x", PC::joined},
          {"../x", "/root/a", Folder::working, "/root/x", PC::joined},
          {"x", "/", Folder::working, "/x", PC::joined},
          {"./x", "/root", Folder::descriptor, "./x", PC::unresolved},  // as recorded
          {"x", "", Folder::working, "x", PC::unresolved},              // the CWD record is lost
          {"x", "(unreachable)/a", Folder::working, "x", PC::unresolved},
          {"", "/root", Folder::working, "", PC::null},
      }));
  CAPTURE(name, cwd);
  const ResolvedPath resolved = resolve(name, {.cwd = cwd, .folder = folder});
  CHECK(resolved.path == path);
  CHECK(resolved.confidence == confidence);
}

TEST_CASE("normalising agrees with the standard library's lexically_normal",
          "[activity][file_path]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const char* const parts[] = {"a", "b", ".", "..", "", "...", ".x"};
  for (int round = 0; round < 5'000; ++round) {
    std::string path;
    for (auto part = random() % 12; part != 0; --part)
      path.append("/").append(parts[random() % std::size(parts)]);
    std::string expected = std::filesystem::path{"/" + path}.lexically_normal().string();
    while (expected.size() > 1 && expected.ends_with('/'))
      expected.pop_back();
    if (expected.starts_with("//"))
      expected.erase(0, 1);
    CAPTURE(path);
    REQUIRE(normalised("/" + path) == expected);
  }
}

TEST_CASE("three kilobytes of detours end where they should", "[activity][file_path]") {
  std::string path = "/";
  for (int i = 0; i < 400; ++i)
    path += "tmp/../";
  CHECK(normalised(path + "tmp/krb5cc_1000") == "/tmp/krb5cc_1000");
}

}  // namespace
}  // namespace krbtrail::activity
