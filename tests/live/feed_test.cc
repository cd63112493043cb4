// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/feed.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "krbtrail/input/file_descriptor.h"
#include "support/catch.h"
#include "support/temporary_tree.h"

using namespace krbtrail;
using live::Feed;
using live::FeedReading;

namespace {

struct Read {
  std::string text;
  FeedReading last;
};

// What is there now, in reads until one finds nothing and does not ask for another at once.
Read read_all(Feed& feed) {
  Read read;
  std::array<char, 7> buffer{};
  do {
    read.last = feed.read(buffer);
    read.text.append(buffer.data(), read.last.bytes);
  } while (read.last.bytes != 0 || (feed.descriptor() < 0 && feed.patience().count() == 0));
  return read;
}

void append(const std::string& path, const std::string& text) {
  std::ofstream{path, std::ios::app} << text;
}

input::FileDescriptor listen_at(const std::string& path) {
  input::FileDescriptor server{::socket(AF_UNIX, SOCK_STREAM, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, std::begin(address.sun_path));
  ::unlink(path.c_str());
  REQUIRE(::bind(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(server.get(), 1) == 0);
  return server;
}

}  // namespace

TEST_CASE("a pipe ends with its writer", "[live][feed]") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const input::FileDescriptor reader{ends[0]};
  {
    const input::FileDescriptor writer{ends[1]};
    REQUIRE(::write(writer.get(), "abc", 3) == 3);
  }
  const auto feed = live::feed_from_descriptor(reader.get(), "standard input");
  const Read read = read_all(*feed);
  CHECK(read.text == "abc");
  CHECK(read.last.ended);
}

TEST_CASE("a file is followed from its end on", "[live][feed]") {
  const test::TemporaryTree tree;
  const std::string path = tree.path("audit.log");
  append(path, "old\n");
  const auto feed = live::feed_from_file(path);
  CHECK(read_all(*feed).text.empty());
  append(path, "new\n");
  CHECK(read_all(*feed).text == "new\n");
  append(path, "newer\n");
  CHECK(read_all(*feed).text == "newer\n");
}

TEST_CASE("rotation loses nothing of the old file and begins the new one at its beginning",
          "[live][feed]") {
  const test::TemporaryTree tree;
  const std::string path = tree.path("audit.log");
  append(path, "");
  const auto feed = live::feed_from_file(path);
  append(path, "a\n");
  REQUIRE(::rename(path.c_str(), (path + ".1").c_str()) == 0);
  CHECK(read_all(*feed).text == "a\n");
  append(path + ".1", "b\n");  // written before the writer opened the new file
  append(path, "c\n");
  CHECK(read_all(*feed).text == "b\nc\n");
}

TEST_CASE("half a line at the end of the old file is not joined to the new file's first",
          "[live][feed]") {
  const test::TemporaryTree tree;
  const std::string path = tree.path("audit.log");
  append(path, "");
  const auto feed = live::feed_from_file(path);
  append(path, "hal");
  CHECK(read_all(*feed).text == "hal");
  REQUIRE(::rename(path.c_str(), (path + ".1").c_str()) == 0);
  append(path, "whole\n");
  std::array<char, 16> buffer{};
  FeedReading cut = feed->read(buffer);
  while (!cut.begins_anew && feed->patience().count() == 0 && cut.bytes == 0)
    cut = feed->read(buffer);
  CHECK(cut.begins_anew);
  CHECK_FALSE(cut.problem);
  CHECK(read_all(*feed).text == "whole\n");
}

TEST_CASE("a file that became shorter is read from its beginning, and said so", "[live][feed]") {
  const test::TemporaryTree tree;
  const std::string path = tree.path("audit.log");
  append(path, "");
  const auto feed = live::feed_from_file(path);
  append(path, "a long line\n");
  REQUIRE(read_all(*feed).text == "a long line\n");
  REQUIRE(::truncate(path.c_str(), 0) == 0);
  std::array<char, 16> buffer{};
  const FeedReading cut = feed->read(buffer);
  CHECK(cut.begins_anew);
  REQUIRE(cut.problem);
  CHECK(cut.problem->message == path + ": became shorter; reading it from its beginning");
  append(path, "b\n");
  CHECK(read_all(*feed).text == "b\n");
}

TEST_CASE("a file that is not there yet is waited for, and that is said once", "[live][feed]") {
  const test::TemporaryTree tree;
  const std::string path = tree.path("audit.log");
  const auto feed = live::feed_from_file(path);
  const FeedReading absent = read_all(*feed).last;
  REQUIRE(absent.problem);
  CHECK(absent.problem->message ==
        path + ": cannot read, will try again: No such file or directory");
  CHECK_FALSE(read_all(*feed).last.problem);
  append(path, "a\n");
  CHECK(read_all(*feed).text == "a\n");
}

TEST_CASE("what opens but cannot be read is complained of once", "[live][feed]") {
  const test::TemporaryTree tree;
  const auto feed = live::feed_from_file(tree.path());
  std::array<char, 16> buffer{};
  const FeedReading first = feed->read(buffer);
  REQUIRE(first.problem);
  CHECK(first.problem->message == tree.path() + ": cannot read, will try again: Is a directory");
  CHECK_FALSE(feed->read(buffer).problem);
  CHECK_FALSE(feed->read(buffer).problem);
}

TEST_CASE("a socket that goes away is connected to again", "[live][feed]") {
  const test::TemporaryTree tree;
  const std::string path = tree.path("socket");
  const auto feed = live::feed_from_socket(path);
  std::array<char, 16> buffer{};
  const FeedReading absent = feed->read(buffer);
  REQUIRE(absent.problem);
  CHECK(absent.problem->message ==
        path + ": cannot connect, will try again: No such file or directory");
  for (const std::string text : {"one\n", "two\n"}) {
    const input::FileDescriptor server = listen_at(path);
    CHECK(feed->read(buffer).bytes == 0);  // connects
    const input::FileDescriptor client{::accept(server.get(), nullptr, nullptr)};
    REQUIRE(::send(client.get(), text.data(), text.size(), 0) == 4);
    const FeedReading got = feed->read(buffer);
    CHECK(std::string{buffer.data(), got.bytes} == text);
    ::shutdown(client.get(), SHUT_RDWR);
    const FeedReading gone = feed->read(buffer);
    CHECK(gone.begins_anew);
    CHECK_FALSE(gone.ended);
    REQUIRE(gone.problem);
    CHECK(gone.problem->message == path + ": the other side is gone; connecting again");
  }
}
