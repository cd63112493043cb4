// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/files.h"

#include <array>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "compressed.h"
#include "input/auditd_conf.h"
#include "support/catch.h"
#include "support/memory_source.h"
#include "support/temporary_tree.h"

using namespace krbtrail;
using input::Compression;
using input::EvidenceKind;
using input::gather;
using input::KindChoice;
using Strings = std::vector<std::string>;

namespace {

// A log whose first record is `second` seconds after an hour that does not matter.
std::string log_at(int second) {
  return "type=SYSCALL msg=audit(17000000" + std::to_string(10 + second) +
         ".000:1): arch=c000003e\ntype=CWD msg=audit(17000000" + std::to_string(10 + second) +
         ".000:1): cwd=\"/\"\n";
}

constexpr const char* kInterpretedLine =
    "type=CWD msg=audit(11/14/2023 22:13:20.100:10) : cwd=/root \n";
constexpr const char* kWindowsEvent =
    R"({"TimeGenerated":"2021-08-02T13:06:38.33Z","Computer":"DC01","EventID":4624})";

// "HOST: NAME NAME": one line a set.
Strings sets_of(const input::Evidence& evidence) {
  Strings lines;
  for (const input::LogSet& set : evidence.sets) {
    lines.push_back(set.host + ":");
    for (const input::LogFile& file : set.files)
      lines.back() += " " + file.name;
  }
  return lines;
}

// "NAME: PROBLEM"
Strings unread_of(const input::Evidence& evidence) {
  Strings lines;
  for (const model::InputCoverage& input : evidence.unread) {
    CHECK(input.unread);
    lines.push_back(input.name + ": " + input.problem);
  }
  return lines;
}

std::string content_of(const input::LogFile& file) {
  const auto source = input::open(file);
  if (!source)
    return "error: " + source.error().message;
  const test::Drained got = test::drain(**source);
  return got.error.empty() ? got.bytes : got.bytes + "error: " + got.error;
}

// Goes to a directory for the length of a test, so that paths can be relative as users write them.
class Inside {
 public:
  explicit Inside(const std::string& directory) { std::filesystem::current_path(directory); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  Inside(Inside&&) = delete;
  Inside& operator=(Inside&&) = delete;
  ~Inside() { std::filesystem::current_path(was_); }

 private:
  std::filesystem::path was_ = std::filesystem::current_path();
};

// A pipe that holds `content` and has no writer any more.
class FilledPipe {
 public:
  explicit FilledPipe(std::string_view content) {
    if (::pipe(ends_.data()) != 0 ||
        ::write(ends_[1], content.data(), content.size()) != static_cast<ssize_t>(content.size()))
      throw std::runtime_error("cannot fill a pipe");
    ::close(ends_[1]);
  }
  FilledPipe(const FilledPipe&) = delete;
  FilledPipe& operator=(const FilledPipe&) = delete;
  FilledPipe(FilledPipe&&) = delete;
  FilledPipe& operator=(FilledPipe&&) = delete;
  ~FilledPipe() { ::close(ends_[0]); }

  [[nodiscard]] int reading_end() const { return ends_[0]; }

 private:
  std::array<int, 2> ends_{};
};

}  // namespace

TEST_CASE("a rotated set is one host, oldest file first whatever the names", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("audit.log", log_at(40));
  tree.file("audit.log.1", log_at(30));
  tree.file("audit.log.2.gz", test::gzip_of(log_at(20)));
  tree.file("audit.log-20240101.xz", test::xz_of(log_at(10)));
  tree.file("renamed", test::zstd_of(log_at(15)));
  tree.file("audit.log.3.bz2", test::bzip2_of(log_at(25)));
  const input::Evidence evidence = gather({tree.path()}, {});
  CHECK(sets_of(evidence) == Strings{": audit.log-20240101.xz renamed audit.log.2.gz "
                                     "audit.log.3.bz2 audit.log.1 audit.log"});
  CHECK(evidence.unread.empty());
  CHECK(evidence.notes.empty());
  REQUIRE(evidence.has_logs());
  const input::LogFile& oldest = evidence.sets[0].files[0];
  CHECK(oldest.kind == EvidenceKind::audit);
  CHECK(oldest.compression == Compression::xz);
  CHECK(oldest.size == std::filesystem::file_size(tree.path("audit.log-20240101.xz")));
  REQUIRE(oldest.first_stamp.has_value());
  CHECK(model::format_utc(*oldest.first_stamp) == "2023-11-14T22:13:40.000Z");
  for (const input::LogFile& file : evidence.sets[0].files)
    CHECK(content_of(file).starts_with("type=SYSCALL msg=audit(17000000"));
  CHECK(content_of(oldest) == log_at(10));
  CHECK(content_of(oldest) == log_at(10));  // a file can be opened as often as one likes
}

TEST_CASE("files of one stamp are ordered by name", "[input][files]") {
  const test::TemporaryTree tree;
  for (const char* name : {"c", "a", "b"})
    tree.file(name, log_at(1));
  CHECK(sets_of(gather({tree.path()}, {})) == Strings{": a b c"});
}

TEST_CASE("two directories are two hosts, named relative to what was named", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("web1/var/log/audit/audit.log", log_at(2));
  tree.file("web1/var/log/audit/audit.log.1", log_at(1));
  tree.file("web2/audit.log", log_at(3));
  const Inside inside{tree.path()};
  SECTION("one directory") {
    CHECK(sets_of(gather({"."}, {})) ==
          Strings{"web1/var/log/audit: web1/var/log/audit/audit.log.1 web1/var/log/audit/audit.log",
                  "web2: web2/audit.log"});
  }
  SECTION("an absolute directory gives the same") {
    CHECK(sets_of(gather({tree.path() + "/"}, {})) == sets_of(gather({"."}, {})));
  }
  SECTION("two directories") {
    CHECK(sets_of(gather({"web2", "./web1"}, {})) ==
          Strings{"web2: web2/audit.log",
                  "web1/var/log/audit: web1/var/log/audit/audit.log.1 "
                  "web1/var/log/audit/audit.log"});
  }
  SECTION("two files") {
    CHECK(sets_of(gather({"web2/audit.log", "web1/var/log/audit/audit.log"}, {})) ==
          Strings{"web2: web2/audit.log", "web1/var/log/audit: web1/var/log/audit/audit.log"});
  }
  SECTION("files of one directory are one set without a host of its own") {
    CHECK(sets_of(gather({"web1/var/log/audit/audit.log", "web1/var/log/audit/audit.log.1"}, {})) ==
          Strings{": web1/var/log/audit/audit.log.1 web1/var/log/audit/audit.log"});
  }
  SECTION("two spellings of one directory are one set") {
    CHECK(sets_of(
              gather({"web1/var/log/audit/audit.log", tree.path("web1/var/log/audit/audit.log.1")},
                     {}))
              .size() == 1);
  }
  SECTION("one file") {
    CHECK(sets_of(gather({"web2/audit.log"}, {})) == Strings{": web2/audit.log"});
  }
  SECTION("a named host is one host and one set") {
    CHECK(sets_of(gather({"."}, {.host_name = "web"})) ==
          Strings{"web: web1/var/log/audit/audit.log.1 web1/var/log/audit/audit.log "
                  "web2/audit.log"});
  }
}

TEST_CASE("one file of two spellings is read once, and that is said", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("logs/audit.log", log_at(1));
  tree.hard_link("logs/copy", "logs/audit.log");
  tree.link("link", "logs/audit.log");
  const Inside inside{tree.path()};
  const auto [paths, sets, notes] = GENERATE(table<Strings, Strings, Strings>({
      {{"logs"}, {": audit.log"}, {"copy: is the same file as audit.log, read once"}},
      {{"logs/audit.log", "./logs/audit.log"},
       {": logs/audit.log"},
       {"./logs/audit.log: is the same file as logs/audit.log, read once"}},
      {{"logs/audit.log", "link"},
       {"logs: logs/audit.log"},
       {"link: is the same file as logs/audit.log, read once"}},
      {{"logs/copy", "logs"},
       {": logs/copy"},
       {"audit.log: is the same file as logs/copy, read once",
        "copy: is the same file as logs/copy, read once"}},
      {{"logs", "logs/copy"},
       {": audit.log"},
       {"copy: is the same file as audit.log, read once",
        "logs/copy: is the same file as audit.log, read once"}},
      {{"logs", "./logs"},
       {": audit.log"},
       {"copy: is the same file as audit.log, read once",
        "./logs: is a directory that has been read already"}},
  }));
  CAPTURE(paths);
  const input::Evidence evidence = gather(paths, {});
  CHECK(sets_of(evidence) == sets);
  CHECK(evidence.notes == notes);
  CHECK(evidence.unread.empty());
}

TEST_CASE("a walk follows no link and opens nothing special", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("outside/audit.log", log_at(1));
  tree.file("evidence/audit.log", log_at(2));
  tree.link("evidence/a_link", "../outside/audit.log");
  tree.link("evidence/directory", "../outside");
  tree.link("evidence/loop", ".");
  tree.link("evidence/nowhere", "/nowhere");
  tree.fifo("evidence/fifo");  // opening it would wait for ever
  const input::Evidence evidence = gather({tree.path("evidence")}, {});
  CHECK(sets_of(evidence) == Strings{": audit.log"});
  CHECK(evidence.links_passed == 4);
  CHECK(evidence.special_files == 1);
  CHECK(evidence.notes == Strings{"1 device, FIFO or socket was not opened",
                                  "4 symbolic links were not followed, the first: a_link"});
  CHECK(evidence.unread.empty());
}

TEST_CASE("a link to a directory that was named is walked", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("outside/audit.log", log_at(1));
  tree.link("evidence", "outside");
  CHECK(sets_of(gather({tree.path("evidence")}, {})) == Strings{": audit.log"});
}

TEST_CASE("what is no evidence is unread where it was named, counted in a walk", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("logs/audit.log", log_at(1));
  tree.file("logs/readme.txt", "shopping list\n");
  tree.file("logs/program",
            "\x7F"
            "ELF\x02");
  const Inside inside{tree.path("logs")};
  const input::Evidence walked = gather({"."}, {});
  CHECK(sets_of(walked) == Strings{": audit.log"});
  CHECK(walked.unread.empty());
  CHECK(walked.foreign_files == 2);
  CHECK(walked.notes == Strings{"2 files that are no evidence were passed over"});

  const input::Evidence named = gather({"readme.txt", "program"}, {});
  CHECK_FALSE(named.has_logs());
  CHECK(unread_of(named) ==
        Strings{"readme.txt: is text without an audit record or a Windows event",
                "program: is binary and no evidence that is known"});
  CHECK(named.foreign_files == 0);
}

TEST_CASE("a file that was passed over in a walk is unread when it is named too",
          "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("readme.txt", "shopping list\n");
  const Inside inside{tree.path()};
  CHECK(unread_of(gather({".", "readme.txt"}, {})) ==
        Strings{"readme.txt: is text without an audit record or a Windows event"});
}

TEST_CASE("an empty file is a note, also an archive of nothing", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("audit.log", "");
  tree.file("audit.log.1.gz", test::gzip_of(""));
  const input::Evidence evidence = gather({tree.path()}, {});
  CHECK_FALSE(evidence.has_logs());
  CHECK(evidence.empty_files == 2);
  CHECK(evidence.notes == Strings{"audit.log: is empty", "audit.log.1.gz: is empty"});
  CHECK(evidence.unread.empty());
}

TEST_CASE("what cannot be read is said and the rest goes on", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("logs/audit.log", log_at(3));
  tree.file("logs/audit.log.1", log_at(2));
  tree.directory("logs/private");
  tree.file("logs/broken.gz", test::gzip_of(log_at(1)).substr(0, 12));
  REQUIRE(::chmod(tree.path().c_str(), 0755) == 0);
  REQUIRE(::chmod(tree.path("logs/audit.log.1").c_str(), 0) == 0);
  REQUIRE(::chmod(tree.path("logs/private").c_str(), 0) == 0);
  const Inside inside{tree.path()};
  const test::Unprivileged nobody;
  const input::Evidence evidence = gather({"absent", "logs", "/dev/null", "logs/audit.log.1"}, {});
  CHECK(unread_of(evidence) == Strings{"absent: cannot open: No such file or directory",
                                       "audit.log.1: cannot open: Permission denied",
                                       "broken.gz: gzip data ends early at offset 12",
                                       "private: cannot open: Permission denied",
                                       "/dev/null: cannot open: is a device",
                                       "logs/audit.log.1: cannot open: Permission denied"});
  REQUIRE(evidence.sets.size() == 1);
  CHECK(evidence.sets[0].files.size() == 1);
}

TEST_CASE("an archive that is cut later on is evidence as far as it goes", "[input][files]") {
  const test::TemporaryTree tree;
  const std::string text = test::log_text(5000);
  const std::string archive = test::gzip_of(text);
  tree.file("audit.log.1", archive.substr(0, archive.size() - 1));
  const input::Evidence evidence = gather({tree.path()}, {});
  REQUIRE(evidence.sets.size() == 1);
  CHECK(content_of(evidence.sets[0].files[0]) ==
        text + "error: audit.log.1: gzip data ends early at offset " +
            std::to_string(archive.size() - 1));
}

TEST_CASE("a short archive that is cut is evidence and ends with its error", "[input][files]") {
  const test::TemporaryTree tree;
  const std::string text = log_at(1);
  const std::string archive = test::gzip_of(text);
  tree.file("audit.log.1", archive.substr(0, archive.size() - 1));
  const input::Evidence evidence = gather({tree.path()}, {});
  REQUIRE(evidence.sets.size() == 1);
  CHECK(content_of(evidence.sets[0].files[0]) ==
        text + "error: audit.log.1: gzip data ends early at offset " +
            std::to_string(archive.size() - 1));
}

TEST_CASE("an archive in an archive is not taken apart", "[input][files]") {
  const test::TemporaryTree tree;
  const std::string path = tree.file("twice.gz", test::gzip_of(test::gzip_of(log_at(1))));
  CHECK(unread_of(gather({path}, {})) ==
        Strings{path + ": is an archive within an archive: unpack it and name its content"});
}

TEST_CASE("interpreted text is refused with what to ask for instead, in a walk too",
          "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("audit.txt", kInterpretedLine);
  const KindChoice choice = GENERATE(KindChoice::automatic, KindChoice::audit);
  const input::Evidence evidence = gather({tree.path()}, {.kind = choice});
  CHECK_FALSE(evidence.has_logs());
  CHECK(unread_of(evidence) ==
        Strings{"audit.txt: is text of ausearch -i, which cannot be read safely: ask for the "
                "audit.log itself or for the output of ausearch --raw"});
}

TEST_CASE("Windows evidence stands beside the audit logs", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("dc01/events.json.gz", test::gzip_of(kWindowsEvent));
  tree.file("web1/audit.log", log_at(1));
  const input::Evidence evidence = gather({tree.path()}, {});
  CHECK(sets_of(evidence) == Strings{"web1: web1/audit.log"});
  REQUIRE(evidence.windows.size() == 1);
  CHECK(evidence.windows[0].name == "dc01/events.json.gz");
  CHECK(evidence.windows[0].kind == EvidenceKind::windows_json);
  CHECK(content_of(evidence.windows[0]) == kWindowsEvent);
}

TEST_CASE("what was named is what --kind says, what is walked is filtered by it",
          "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("odd.txt", "no head at all\n");
  tree.file("audit.log", log_at(1));
  tree.file("events.json", kWindowsEvent);
  const Inside inside{tree.path()};

  const input::Evidence audit = gather({"odd.txt", "."}, {.kind = KindChoice::audit});
  CHECK(sets_of(audit) == Strings{": audit.log odd.txt"});  // without a stamp it comes last
  CHECK(audit.windows.empty());
  CHECK(audit.foreign_files == 1);
  CHECK(content_of(audit.sets[0].files[1]) == "no head at all\n");

  const input::Evidence windows = gather({"odd.txt", "."}, {.kind = KindChoice::windows});
  CHECK(windows.sets.empty());
  REQUIRE(windows.windows.size() == 2);
  CHECK(windows.windows[0].kind == EvidenceKind::windows_text);
  CHECK(windows.windows[1].kind == EvidenceKind::windows_json);
  CHECK(windows.foreign_files == 1);
}

TEST_CASE("a pipe loses no byte to being looked at", "[input][files]") {
  const std::string text = test::log_text(400);  // less than a pipe holds
  const Compression compression = GENERATE(Compression::none, Compression::gzip, Compression::xz,
                                           Compression::zstd, Compression::bzip2);
  CAPTURE(to_string(compression));
  const FilledPipe pipe{test::compressed(compression, text)};
  const input::Evidence evidence = gather({"-"}, {.standard_input = pipe.reading_end()});
  CHECK(sets_of(evidence) == Strings{": -"});
  REQUIRE(evidence.has_logs());
  const input::LogFile& file = evidence.sets[0].files[0];
  CHECK(file.compression == compression);
  CHECK_FALSE(file.size.has_value());
  CHECK(content_of(file) == text);
  CHECK(content_of(file) == "error: -: a stream can be read only once");
}

TEST_CASE("a pipe that brings more than the head is read to its end", "[input][files]") {
  const std::string text = test::log_text(20'000);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  std::thread writer{[&] {
    for (std::size_t at = 0; at < text.size(); at += 5000) {
      const std::string piece = text.substr(at, 5000);
      if (::write(ends[1], piece.data(), piece.size()) < 0)
        break;
    }
    ::close(ends[1]);
  }};
  const input::Evidence evidence = gather({"-"}, {.standard_input = ends[0]});
  REQUIRE(evidence.has_logs());
  const std::string got = content_of(evidence.sets[0].files[0]);
  writer.join();
  ::close(ends[0]);
  CHECK(got == text);
}

TEST_CASE("standard input beside files is a host of its own", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("web1/audit.log", log_at(1));
  const Inside inside{tree.path()};
  const FilledPipe pipe{log_at(2)};
  CHECK(sets_of(gather({"-", "web1", "-"}, {.standard_input = pipe.reading_end()})) ==
        Strings{"-: -", ": audit.log"});
  const FilledPipe other{log_at(2)};
  CHECK(sets_of(gather({"-", "web1"}, {.host_name = "h", .standard_input = other.reading_end()})) ==
        Strings{"h: audit.log -"});
}

TEST_CASE("an empty or foreign standard input is said", "[input][files]") {
  const FilledPipe empty{""};
  CHECK(gather({"-"}, {.standard_input = empty.reading_end()}).notes == Strings{"-: is empty"});
  const FilledPipe foreign{"shopping list\n"};
  CHECK(unread_of(gather({"-"}, {.standard_input = foreign.reading_end()})) ==
        Strings{"-: is text without an audit record or a Windows event"});
}

TEST_CASE("a file on standard input that is named too is read once", "[input][files]") {
  const test::TemporaryTree tree;
  const std::string path = tree.file("audit.log", log_at(1));
  const int file = ::open(path.c_str(), O_RDONLY);
  REQUIRE(file >= 0);
  const input::Evidence evidence = gather({"-", path}, {.standard_input = file});
  CHECK(sets_of(evidence) == Strings{": -"});
  CHECK(evidence.notes == Strings{path + ": is the same file as -, read once"});
  ::close(file);
}

TEST_CASE("a FIFO that was named is read as a stream", "[input][files]") {
  const test::TemporaryTree tree;
  const std::string path = tree.fifo("log");
  const std::string text = test::log_text(20'000);
  std::thread writer{[&] { std::ofstream{path, std::ios::binary} << text; }};
  const input::Evidence evidence = gather({path}, {});
  CHECK(sets_of(evidence) == Strings{": " + path});
  REQUIRE(evidence.has_logs());
  CHECK(content_of(evidence.sets[0].files[0]) == text);
  writer.join();
}

TEST_CASE("a socket that was named is refused", "[input][files]") {
  const test::TemporaryTree tree;
  const Inside inside{tree.path()};
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(socket >= 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "events"};
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  CHECK(unread_of(gather({"events"}, {})) == Strings{"events: cannot open: is a socket"});
  ::close(socket);
}

TEST_CASE("a file that has changed in between is an error", "[input][files]") {
  const test::TemporaryTree tree;
  const std::string path = tree.file("audit.log", log_at(1));
  const input::Evidence evidence = gather({path}, {});
  REQUIRE(evidence.has_logs());
  const std::string became =
      GENERATE(std::string{"shopping list\n"}, std::string{}, test::gzip_of(log_at(1)));
  tree.file("audit.log", became);
  const auto source = input::open(evidence.sets[0].files[0]);
  REQUIRE_FALSE(source.has_value());
  CHECK(source.error().message == path + ": has changed since it was first looked at");
  CHECK(source.error().hint == "if it is a live log, it may have been rotated: run again");
}

TEST_CASE("a file that has gone in between is an error", "[input][files]") {
  const test::TemporaryTree tree;
  const std::string path = tree.file("audit.log", log_at(1));
  const input::Evidence evidence = gather({path}, {});
  REQUIRE(::unlink(path.c_str()) == 0);
  CHECK(content_of(evidence.sets[0].files[0]) ==
        "error: " + path + ": cannot open: No such file or directory");
}

// Waiting for its writer would let an intruder stop a scan.
TEST_CASE("a file that has become a FIFO in between is an error", "[input][files]") {
  const test::TemporaryTree tree;
  const std::string path = tree.file("audit.log", log_at(1));
  const input::Evidence evidence = gather({path}, {});
  REQUIRE(::unlink(path.c_str()) == 0);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(content_of(evidence.sets[0].files[0]) ==
        "error: " + path + ": cannot open: is no regular file any more");
}

TEST_CASE("a mounted image gives its own audit logs", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("data/audit/audit.log", "shopping list: of this machine\n");
  tree.file("image/data/audit/audit.log", log_at(2));
  tree.file("image/data/audit/audit.log.1.gz", test::gzip_of(log_at(1)));
  tree.link("image/var/log/audit", "/data/audit");
  tree.file("image/etc/passwd", "alice:x:1000:\n");
  const input::Evidence evidence = gather({}, {.root = tree.path("image")});
  CHECK(sets_of(evidence) == Strings{": var/log/audit/audit.log.1.gz var/log/audit/audit.log"});
  CHECK(evidence.unread.empty());
  REQUIRE(evidence.has_logs());
  CHECK(content_of(evidence.sets[0].files[0]) == log_at(1));
  CHECK(content_of(evidence.sets[0].files[1]) == log_at(2));
  REQUIRE(evidence.image != nullptr);
  const auto accounts = evidence.image->read_text("etc/passwd", 1000);
  REQUIRE(accounts.has_value());
  CHECK(*accounts == "alice:x:1000:\n");
}

TEST_CASE("an image's auditd.conf says where its audit logs lie", "[input][files]") {
  const test::TemporaryTree tree;
  tree.file("image/etc/audit/auditd.conf", "# log_file = /x\nlog_file = /srv/trail/host.log\n");
  tree.file("image/srv/trail/host.log", log_at(3));
  tree.file("image/srv/trail/host.log.1", log_at(2));
  tree.file("image/srv/trail/other.log", log_at(9));            // of something else
  tree.file("image/srv/trail/host.logs/audit.log", log_at(9));  // no rotated log is a directory
  const std::string image = tree.path("image");
  const Strings moved = {": srv/trail/host.log.1 srv/trail/host.log"};
  CHECK(sets_of(gather({}, {.root = image})) == moved);
  CHECK(unread_of(gather({}, {.root = image})).empty());

  tree.file("image/var/log/audit/audit.log", log_at(1));  // from before the change
  CHECK(sets_of(gather({}, {.root = image})) == Strings{moved[0], ": var/log/audit/audit.log"});

  tree.file("empty/etc/audit/auditd.conf", "log_file = /srv/trail/host.log\n");
  CHECK(unread_of(gather({}, {.root = tree.path("empty")})) ==
        Strings{tree.path("empty") + "/srv/trail: cannot open: No such file or directory"});
}

TEST_CASE("log_file of auditd.conf is read as auditd reads it", "[input][auditd_conf]") {
  const auto [conf, file] = GENERATE(table<std::string, std::string>({
      {"", "var/log/audit/audit.log"},  // auditd's default
      {"log_file = /srv/a.log\n", "srv/a.log"},
      {"log_file=/srv/a.log", "srv/a.log"},                         // blanks do not count
      {"log_file = /a.log\nlog_file = /srv/b.log\n", "srv/b.log"},  // the last one is in force
      {"#log_file = /srv/a.log\n", "var/log/audit/audit.log"},
      {"max_log_file = 8\n", "var/log/audit/audit.log"},  // another key
      {"log_file =\n", "var/log/audit/audit.log"},
      {"log_file = /srv/\n", "var/log/audit/audit.log"},  // a directory is no file
  }));
  CAPTURE(conf);
  CHECK(input::log_file_of(conf) == file);
}

TEST_CASE("an image without audit logs is unread evidence", "[input][files]") {
  const test::TemporaryTree tree;
  const std::string image = tree.directory("image");
  CHECK(unread_of(gather({}, {.root = image})) ==
        Strings{image + "/var/log/audit: cannot open: No such file or directory"});
  tree.file("image/var/log/audit", log_at(1));
  CHECK(unread_of(gather({}, {.root = image})) ==
        Strings{"var/log/audit: cannot open: Not a directory"});
  CHECK(unread_of(gather({}, {.root = tree.path("absent")})) ==
        Strings{tree.path("absent") + ": cannot open: No such file or directory"});
}

TEST_CASE("a walk ends 64 directories deep, and says so", "[input][files]") {
  const test::TemporaryTree tree;
  std::string path = "d";
  for (int depth = 1; depth < 64; ++depth)
    path += "/d";
  tree.file(path + "/audit.log", log_at(1));
  CHECK(sets_of(gather({tree.path()}, {})) == Strings{path + ": " + path + "/audit.log"});
  tree.file(path + "/d/audit.log", log_at(1));
  CHECK(unread_of(gather({tree.path()}, {})) ==
        Strings{path + "/d: lies deeper than 64 directories: not read"});
}

TEST_CASE("notes are bounded and those left out are counted", "[input][files]") {
  const test::TemporaryTree tree;
  for (int i = 0; i < 1003; ++i)
    tree.file("empty" + std::to_string(i), "");
  const input::Evidence evidence = gather({tree.path()}, {});
  CHECK(evidence.empty_files == 1003);
  REQUIRE(evidence.notes.size() == 1001);
  CHECK(evidence.notes[0] == "empty0: is empty");
  CHECK(evidence.notes[1000] == "3 more notes");
}

TEST_CASE("unread inputs are bounded and those left out are counted", "[input][files]") {
  Strings paths;
  for (int i = 0; i < 1003; ++i)
    paths.push_back("/nowhere/" + std::to_string(i));
  const Strings unread = unread_of(gather(paths, {}));
  REQUIRE(unread.size() == 1000);
  CHECK(unread[998] == "/nowhere/998: cannot open: No such file or directory");
  CHECK(unread[999] == "(others): 4 more inputs could not be read");
}

TEST_CASE("nothing named is no evidence", "[input][files]") {
  const input::Evidence evidence = gather({}, {});
  CHECK_FALSE(evidence.has_logs());
  CHECK(evidence.unread.empty());
  CHECK(evidence.notes.empty());
}

TEST_CASE("a problem is an error's text without the name", "[input][files]") {
  const auto [message, name, expected] = GENERATE(table<std::string, std::string, std::string>({
      {"a.log: cannot open: Is a directory", "a.log", "cannot open: Is a directory"},
      {"b.log: cannot open: Is a directory", "a.log", "b.log: cannot open: Is a directory"},
      {"a.log", "a.log", "a.log"},
  }));
  CHECK(input::problem_text({.message = message, .hint = {}}, name) == expected);
}
