// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/mounted_image.h"

#include <cerrno>
#include <string>
#include <vector>

#include <fcntl.h>

#include "input/in_root.h"
#include "support/catch.h"
#include "support/memory_source.h"
#include "support/temporary_tree.h"

using namespace krbtrail;

namespace {

// An image with links of every kind that could lead out of it, beside a file that must not be
// reached.
class Image {
 public:
  Image() {
    tree_.file("secret", "of this machine\n");
    tree_.file("image/secret", "of the image\n");
    tree_.file("image/etc/passwd", "alice:x:1000:\n");
    tree_.file("image/data/audit/audit.log", "record\n");
    tree_.link("image/etc/absolute", "/etc/passwd");
    tree_.link("image/etc/climbing", "../../../../secret");
    tree_.link("image/etc/sibling", "passwd");
    tree_.link("image/etc/chain", "absolute");
    tree_.link("image/etc/loop", "loop");
    tree_.link("image/etc/dangling", "/nowhere");
    tree_.link("image/etc/through_file", "passwd/below");
    tree_.link("image/var/log/audit", "/data/audit");
    tree_.link("image/up", "/");
    tree_.fifo("image/etc/fifo");
  }

  [[nodiscard]] const test::TemporaryTree& tree() const { return tree_; }
  [[nodiscard]] std::string directory() const { return tree_.path("image"); }

 private:
  test::TemporaryTree tree_;
};

}  // namespace

TEST_CASE("paths are resolved inside the image, with openat2 and without", "[input][in_root]") {
  const Image image;
  const bool by_hand = GENERATE(false, true);
  const auto [path, expected, error] = GENERATE(table<std::string, std::string, int>({
      {"etc/passwd", "alice:x:1000:\n", 0},
      {"/etc/passwd", "alice:x:1000:\n", 0},        // the image's root
      {"etc//./passwd", "alice:x:1000:\n", 0},      //
      {"etc/../etc/passwd", "alice:x:1000:\n", 0},  //
      {"etc/absolute", "alice:x:1000:\n", 0},       // not this machine's passwd
      {"etc/sibling", "alice:x:1000:\n", 0},        //
      {"etc/chain", "alice:x:1000:\n", 0},          //
      {"up/up/etc/passwd", "alice:x:1000:\n", 0},   //
      {"../secret", "of the image\n", 0},           // ".." of the root is the root
      {"etc/climbing", "of the image\n", 0},        //
      {"var/log/audit/audit.log", "record\n", 0},   // through a link to a directory
      {"etc/dangling", "", ENOENT},                 //
      {"absent", "", ENOENT},                       //
      {"etc/loop", "", ELOOP},                      //
      {"etc/through_file", "", ENOTDIR},            //
      {"etc/passwd/below", "", ENOTDIR},            //
  }));
  CAPTURE(by_hand, path);
  const input::FileDescriptor root{::open(image.directory().c_str(), O_PATH | O_DIRECTORY)};
  REQUIRE(root.is_open());
  errno = 0;
  const input::FileDescriptor file = by_hand
                                         ? input::open_in_root_by_hand(root.get(), path, O_RDONLY)
                                         : input::open_in_root(root.get(), path, O_RDONLY);
  const int why = file.is_open() ? 0 : errno;
  CHECK(why == error);
  std::string content(100, '\0');
  const ssize_t size = file.is_open() ? ::read(file.get(), content.data(), content.size()) : 0;
  REQUIRE(size >= 0);
  CHECK(content.substr(0, static_cast<std::size_t>(size)) == expected);
}

TEST_CASE("directories too deep to follow by hand are refused", "[input][in_root]") {
  const test::TemporaryTree tree;
  std::string path = "d";
  for (int i = 1; i < 127; ++i)
    path += "/d";
  tree.file(path + "/file", "deep\n");
  const input::FileDescriptor root{::open(tree.path().c_str(), O_PATH | O_DIRECTORY)};
  CHECK(input::open_in_root_by_hand(root.get(), path + "/file", O_RDONLY).is_open());
  tree.file(path + "/d/file", "deeper\n");
  CHECK_FALSE(input::open_in_root_by_hand(root.get(), path + "/d/file", O_RDONLY).is_open());
  CHECK(errno == ENAMETOOLONG);
}

TEST_CASE("text of a mounted image is read up to a limit", "[input][mounted_image]") {
  const Image image;
  const auto opened = input::MountedImage::open(image.directory());
  REQUIRE(opened.has_value());
  const input::MountedImage& mounted = *opened;

  const auto text = mounted.read_text("etc/absolute", 14);
  REQUIRE(text.has_value());
  CHECK(*text == "alice:x:1000:\n");

  const auto larger = mounted.read_text("etc/passwd", 13);
  REQUIRE_FALSE(larger.has_value());
  CHECK(larger.error().message ==
        image.directory() + "/etc/passwd: is larger than 13 bytes: not read");

  const auto absent = mounted.read_text("etc/krb5.conf", 1000);
  REQUIRE_FALSE(absent.has_value());
  CHECK(absent.error().message ==
        image.directory() + "/etc/krb5.conf: cannot open: No such file or directory");
}

TEST_CASE("a FIFO of the image is not waited for", "[input][mounted_image]") {
  const Image image;
  const auto mounted = input::MountedImage::open(image.directory());
  REQUIRE(mounted.has_value());
  const auto fifo = mounted->open_file("etc/fifo", "etc/fifo");
  REQUIRE_FALSE(fifo.has_value());
  CHECK(fifo.error().message == "etc/fifo: cannot open: is a device, FIFO or socket");
}

TEST_CASE("a directory of the image is listed in byte order", "[input][mounted_image]") {
  const Image image;
  const auto mounted = input::MountedImage::open(image.directory());
  REQUIRE(mounted.has_value());
  const auto names = mounted->list("etc");
  REQUIRE(names.has_value());
  CHECK(*names == std::vector<std::string>{"absolute", "chain", "climbing", "dangling", "fifo",
                                           "loop", "passwd", "sibling", "through_file"});
  const auto logs = mounted->list("var/log/audit");
  REQUIRE(logs.has_value());
  CHECK(*logs == std::vector<std::string>{"audit.log"});
  const auto file = mounted->list("etc/passwd");
  REQUIRE_FALSE(file.has_value());
  CHECK(file.error().message == image.directory() + "/etc/passwd: cannot open: Not a directory");
}

TEST_CASE("an image that is not there is named", "[input][mounted_image]") {
  const test::TemporaryTree tree;
  tree.file("plain", "");
  const auto absent = input::MountedImage::open(tree.path("absent"));
  REQUIRE_FALSE(absent.has_value());
  CHECK(absent.error().message == tree.path("absent") + ": cannot open: No such file or directory");
  const auto plain = input::MountedImage::open(tree.path("plain"));
  REQUIRE_FALSE(plain.has_value());
  CHECK(plain.error().message == tree.path("plain") + ": cannot open: Not a directory");
}
