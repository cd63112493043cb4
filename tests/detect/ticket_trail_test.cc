// SPDX-License-Identifier: Apache-2.0
//
// What the full rule set makes of the ways a ticket takes, told as audit records. Each story is
// judged twice, with every event decoded and with those alone that a scan would decode.
#include "krbtrail/detect/ticket_trail.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"
#include "support/judged_log.h"
#include "support/ticket_story.h"

namespace krbtrail::detect {
namespace {

using model::Finding;
using model::Severity;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Decoding;
using test::Judged;
using test::Story;
using test::What;
using test::Who;

const What kTicket{.path = "/tmp/krb5cc_1000", .inode = 41, .owner = 1000};
const What kCopy{.path = "/var/tmp/x", .inode = 42};
const Who kThief{.pid = 70, .exe = "/usr/bin/cp"};
const Who kOther{.pid = 80, .exe = "/usr/bin/cat"};  // reads only what it is given
const Who kOwner{.pid = 90, .exe = "/usr/bin/klist", .uid = 1000, .auid = 1000, .ses = 5};

// "rule path" of each finding about a file or a call.
std::string words(const Finding& finding) {
  return finding.rule + (finding.file ? " " + finding.file->path : std::string{});
}

// The findings but those about command lines, which are the same in both modes.
std::vector<Finding> found(const Story& story) {
  const Judged all = test::judge(story.text(), Decoding::every);
  const Judged some = test::judge(story.text(), Decoding::relevant);
  std::vector<Finding> kept;
  REQUIRE(all.findings.size() == some.findings.size());
  for (std::size_t i = 0; i < all.findings.size(); ++i) {
    const Finding& finding = all.findings[i];
    REQUIRE(finding.id == some.findings[i].id);
    REQUIRE(finding.rules == some.findings[i].rules);
    REQUIRE(finding.score == some.findings[i].score);
    REQUIRE(finding.confidence == some.findings[i].confidence);
    if (finding.rule != "ticket-on-command-line")
      kept.push_back(finding);
  }
  return kept;
}

std::vector<std::string> words(const Story& story) {
  std::vector<std::string> all;
  for (const Finding& finding : found(story))
    all.push_back(words(finding));
  return all;
}

using Words = std::vector<std::string>;

// The finding about the story's last event.
Finding last(const Story& story) {
  const std::vector<Finding> all = found(story);
  REQUIRE_FALSE(all.empty());
  const std::string& text = story.text();
  const std::size_t event = text.rfind("msg=audit(") + 10;
  REQUIRE(all.back().evidence.front().event == text.substr(event, text.find(')', event) - event));
  return all.back();
}

Story read_by(const Who& who, const What& file = kTicket) {
  Story story;
  return story.exec(who, {who.exe}).read(who, file);
}

// --- The way of a ticket ---

TEST_CASE("what a process writes after it read a ticket is a copy, and so is a copy of that",
          "[detect][trail]") {
  Story story = read_by(kThief).create(kThief, kCopy);
  CHECK(words(story) ==
        Words{"ticket-owner-mismatch /tmp/krb5cc_1000", "ticket-copied /var/tmp/x"});
  story.wait(minutes{90}).exec(kOther, {"cat"}).read(kOther, kCopy);
  const Finding used = last(story);
  CHECK(words(used) == "copy-used /var/tmp/x");
  CHECK(used.confidence == "high");
  CHECK(used.severity >= Severity::medium);
  REQUIRE(used.trail.size() == 2);
  CHECK(used.trail[0].action == "read");
  CHECK(used.trail[0].path == kTicket.path);
  CHECK(used.trail[0].process == "cp");
  CHECK(used.trail[1].action == "created");
  CHECK(used.trail[1].path == kCopy.path);
  CHECK(used.trail[1].number == 1);
}

TEST_CASE("a file that is overwritten becomes a copy", "[detect][trail]") {
  CHECK(last(read_by(kThief).write(kThief, kCopy)).rule == "ticket-copied");
}

TEST_CASE("an output that was opened before the ticket is a copy", "[detect][trail]") {
  // tar opens its archive first; a shell opens what it redirects to, then becomes the program.
  Story tar;
  const Who archiver{.pid = 71, .exe = "/usr/bin/tar"};
  tar.exec(archiver, {"tar"}).create(archiver, kCopy).read(archiver, kTicket);
  Story shell;
  const Who dash{.pid = 71, .exe = "/usr/bin/dash"};
  const Who cat{.pid = 71, .exe = "/usr/bin/cat"};
  shell.create(dash, kCopy).exec(cat, {"cat"}).read(cat, kTicket);
  for (Story* story : {&tar, &shell}) {
    CHECK(words(*story) == Words{"ticket-copied /tmp/krb5cc_1000"});
    story->wait(minutes{20}).exec(kOther, {"cat"}).read(kOther, kCopy);
    CHECK(last(*story).rule == "copy-used");
  }
}

TEST_CASE("what it had open more than ten minutes before is no copy", "[detect][trail]") {
  Story story;
  story.exec(kThief, {"cp"}).create(kThief, kCopy).wait(seconds{601}).read(kThief, kTicket);
  CHECK(words(story) == Words{"ticket-owner-mismatch /tmp/krb5cc_1000"});
}

TEST_CASE("a copy keeps its way under every name", "[detect][trail]") {
  Story story = read_by(kThief).create(kThief, kCopy);
  const Who mover{.pid = 72, .exe = "/usr/bin/mv"};
  SECTION("a rename") {
    story.rename(mover, kCopy, "/srv/a");
    CHECK(last(story).rule == "ticket-renamed");
  }
  SECTION("a hard link, its first name removed") {
    story.link(mover, kCopy, "/srv/a").unlink(mover, kCopy);
  }
  SECTION("a symbolic link, by somebody else and much later") {  // its target has no inode
    story.wait(minutes{30}).symlink(mover, kCopy.path, {.path = "/srv/a", .inode = 43});
    CHECK(last(story).rule == "ticket-renamed");
  }
  What renamed = kCopy;  // the kernel follows a symbolic link: the inode is the target's
  renamed.path = "/srv/a";
  story.wait(minutes{30}).exec(kOther, {"cat"}).read(kOther, renamed);
  CHECK(words(last(story)) == "copy-used /srv/a");
}

TEST_CASE("a ticket that was renamed first is still one", "[detect][trail]") {
  Story story;
  const Who mover{.pid = 72, .exe = "/usr/bin/mv"};
  story.exec(mover, {"mv"}).rename(mover, kTicket, "/srv/a");
  What renamed = kTicket;
  renamed.path = "/srv/a";
  story.wait(minutes{30}).exec(kOther, {"cat"}).read(kOther, renamed);
  CHECK(words(story) == Words{"ticket-renamed /srv/a", "ticket-owner-mismatch /srv/a"});
}

TEST_CASE("a file whose last name was removed is forgotten", "[detect][trail]") {
  Story story = read_by(kThief).create(kThief, kCopy).unlink(kThief, kCopy);
  const std::size_t before = found(story).size();
  What reused = kCopy;
  reused.path = "/srv/report";
  CHECK(found(story.exec(kOther, {"cat"}).read(kOther, reused)).size() == before);
}

TEST_CASE("an inode that a new file gets carries no suspicion", "[detect][trail]") {
  Story story = read_by(kThief).create(kThief, kCopy);
  const std::size_t before = found(story).size();
  // Its removal is not on record.
  const What reused{.path = "/srv/report", .inode = kCopy.inode};
  const Who editor{.pid = 73, .exe = "/usr/bin/vim.basic"};
  story.wait(seconds{30}).exec(editor, {"vim"}).create(editor, reused);
  CHECK(found(story.exec(kOther, {"cat"}).read(kOther, reused)).size() == before);
}

TEST_CASE("a ticket that kinit makes anew inherits nothing", "[detect][trail]") {
  Story story = read_by(kThief).create(kThief, kCopy);
  Who kinit = kOwner;
  kinit.exe = "/usr/bin/kinit";
  What fresh = kTicket;
  fresh.inode = kCopy.inode;  // the copy's number, used again
  const std::size_t before = found(story).size();
  story.wait(seconds{30}).exec(kinit, {"kinit"}).unlink(kinit, kTicket).create(kinit, fresh);
  Who client = kOwner;
  client.pid = 91;
  story.exec(client, {"klist"}).read(client, fresh);
  const std::vector<Finding> all = found(story);
  CHECK(std::all_of(all.begin() + static_cast<std::ptrdiff_t>(before), all.end(),
                    [](const Finding& finding) { return finding.severity == Severity::info; }));
  story.exec(kOther, {"cat"}).read(kOther, fresh);
  CHECK(words(last(story)) == "ticket-owner-mismatch /tmp/krb5cc_1000");  // a ticket again, no copy
}

TEST_CASE("no device, log or history is a copy", "[detect][trail]") {
  const What output = GENERATE(What{.path = "/dev/null", .inode = 5, .mode = "020666"},
                               What{.path = "/dev/pts/3", .inode = 6, .mode = "020620"},
                               What{.path = "/proc/self/oom_score_adj", .inode = 7},
                               What{.path = "/root/.bash_history", .inode = 8},
                               What{.path = "/var/log/backup.log", .inode = 9});
  CAPTURE(output.path);
  Story story = read_by(kThief);
  CHECK(found(story.write(kThief, output)).size() == 1);
  Story before;
  before.exec(kThief, {"cp"}).write(kThief, output).read(kThief, kTicket);
  CHECK(words(before) == Words{"ticket-owner-mismatch /tmp/krb5cc_1000"});
}

TEST_CASE("memory that has a name is a place for a copy", "[detect][trail]") {
  CHECK(last(read_by(kThief).create(kThief, {.path = "/dev/shm/x", .inode = 42})).rule ==
        "ticket-copied");
}

// --- Who holds what was read ---

TEST_CASE("what was read survives an exec of the same process", "[detect][trail]") {
  Who sender = kThief;
  sender.exe = "/usr/bin/openssl";
  const Story story = read_by(kThief).exec(sender, {"openssl"}).create(sender, kCopy);
  CHECK(last(story).rule == "ticket-copied");
  CHECK(last(story).confidence == "high");
}

TEST_CASE("a child that speaks within two seconds holds it, with less confidence; a later one not",
          "[detect][trail]") {
  const Who child{.pid = 75, .exe = "/usr/bin/gzip", .ppid = kThief.pid};
  Story soon = read_by(kThief).wait(milliseconds{1'900});
  soon.exec(child, {"gzip"}).create(child, kCopy);
  CHECK(last(soon).rule == "ticket-copied");
  CHECK(last(soon).confidence == "medium");
  Story late = read_by(kThief).wait(milliseconds{2'100});
  late.exec(child, {"gzip"}).create(child, kCopy);
  CHECK(words(late) == Words{"ticket-owner-mismatch /tmp/krb5cc_1000"});
}

TEST_CASE("a child that was born before the read holds nothing", "[detect][trail]") {
  const Who child{.pid = 75, .exe = "/usr/bin/gzip", .ppid = kThief.pid};
  Story story;
  story.exec(kThief, {"cp"}).exec(child, {"gzip"}).read(kThief, kTicket).create(child, kCopy);
  CHECK(words(story) == Words{"ticket-owner-mismatch /tmp/krb5cc_1000"});
}

TEST_CASE("a neighbour in a pipe holds it with low confidence", "[detect][trail]") {
  Who neighbour{.pid = 76, .exe = "/usr/bin/tee"};
  const auto after = GENERATE(0, 1'900);
  Story story = read_by(kThief).wait(milliseconds{after});
  SECTION("the same parent and session, within two seconds") {
    story.exec(neighbour, {"tee"}).create(neighbour, kCopy);
    CHECK(last(story).rule == "ticket-copied");
    CHECK(last(story).confidence == "low");
  }
  SECTION("another parent") {
    neighbour.ppid = 901;
    CHECK(found(story.exec(neighbour, {"tee"}).create(neighbour, kCopy)).size() == 1);
  }
  SECTION("another session") {
    neighbour.ses = 4;
    CHECK(found(story.exec(neighbour, {"tee"}).create(neighbour, kCopy)).size() == 1);
  }
  SECTION("later") {
    story.wait(milliseconds{2'100}).exec(neighbour, {"tee"}).create(neighbour, kCopy);
    CHECK(words(story) == Words{"ticket-owner-mismatch /tmp/krb5cc_1000"});
  }
}

TEST_CASE("a process holds it for ten minutes, or for one if its start is not on record",
          "[detect][trail]") {
  const auto [is_started, pause, expected] = GENERATE(table<bool, seconds, std::string>({
      {true, seconds{599}, "ticket-copied"},
      {true, seconds{601}, "ticket-owner-mismatch"},
      {false, seconds{59}, "ticket-copied"},
      {false, seconds{61}, "ticket-owner-mismatch"},
  }));
  CAPTURE(is_started, pause.count());
  Story story;
  if (is_started)
    story.exec(kThief, {"cp"});
  story.read(kThief, kTicket).wait(pause).create(kThief, kCopy);
  CHECK(found(story).back().rule == expected);
}

TEST_CASE("the next process of a pid holds nothing", "[detect][trail]") {
  Who next{.pid = kThief.pid, .exe = "/usr/bin/make", .ppid = 950, .auid = 1002, .ses = 9};
  const Story story = read_by(kThief).wait(seconds{5}).exec(next, {"make"}).create(next, kCopy);
  CHECK(words(story) == Words{"ticket-owner-mismatch /tmp/krb5cc_1000"});
}

TEST_CASE("a connection after the read is one of the ticket's ways", "[detect][trail]") {
  const Who curl{.pid = 77, .exe = "/usr/bin/curl"};
  CHECK(last(read_by(curl).connect(curl)).rule == "ticket-sent");
  Story other = read_by(kThief).exec(curl, {"curl"});
  Who stranger = curl;
  stranger.ppid = 990;
  Story unrelated = read_by(kThief).exec(stranger, {"curl"}).connect(stranger);
  CHECK(words(unrelated) == Words{"ticket-owner-mismatch /tmp/krb5cc_1000"});
}

TEST_CASE("a copy that is given away is told", "[detect][trail]") {
  const Who chown{.pid = 78, .exe = "/usr/bin/chown"};
  const Finding given = last(read_by(kThief).create(kThief, kCopy).chown(chown, kCopy, 1001));
  CHECK(given.file->action == "attributes");
  CHECK(std::ranges::any_of(given.reasons, [](const model::Reason& reason) {
    return reason.text == "the copy is given to uid 1001";
  }));
}

TEST_CASE("confidence falls with each hop beyond the second", "[detect][trail]") {
  Story story = read_by(kThief);
  What from = kTicket;
  std::vector<std::string> confidences;
  for (std::uint32_t hop = 1; hop <= 5; ++hop) {
    const Who who{.pid = 200 + hop, .exe = "/usr/bin/cp", .ppid = 1'000 + hop};
    const What to{.path = "/var/tmp/" + std::to_string(hop), .inode = 300 + hop};
    story.wait(seconds{10}).exec(who, {"cp"}).read(who, from).create(who, to);
    from = to;
    const Who reader{.pid = 400 + hop, .exe = "/usr/bin/cat", .ppid = 2'000 + hop};
    story.wait(seconds{10}).exec(reader, {"cat"}).read(reader, to);
    confidences.push_back(last(story).confidence);
  }
  CHECK(confidences == Words{"high", "high", "medium", "low", "low"});
}

TEST_CASE("a base name alone is known with medium confidence", "[detect][trail]") {
  const Who tar{.pid = 71, .exe = "/usr/bin/tar"};
  Story story;
  story.exec(tar, {"tar"}).read_below_folder(tar, kTicket);
  CHECK(last(story).confidence == "medium");
  CHECK(last(story.create(tar, kCopy)).confidence == "medium");
}

// --- Whose ticket it is ---

TEST_CASE("the owner test tells whose ticket is read by whom", "[detect][trail]") {
  const auto [uid, auid, expected, why] =
      GENERATE(table<std::uint32_t, std::uint32_t, std::string, std::string>({
          {1001, 1001, "uid 1001 acts on a ticket of uid 1000", "M1"},
          {0, 1001, "root, in the login session of uid 1001, acts on a ticket of uid 1000", "M2"},
          {0, 4'294'967'295, "root, without a login session, acts on a ticket of uid 1000",
           "M3, no login"},
          {0, 0, "root, without a login session, acts on a ticket of uid 1000", "M3, root's login"},
          {1000, 1001,
           "uid 1000, in the login session of uid 1001, acts on the account's own ticket", "M6"},
      }));
  CAPTURE(why);
  Who reader = kThief;
  reader.uid = uid;
  reader.auid = auid;
  const Finding read = last(read_by(reader));
  CHECK(read.rule == "ticket-owner-mismatch");
  CHECK(read.severity >= Severity::medium);
  CHECK(std::ranges::any_of(read.reasons, [&text = expected](const model::Reason& reason) {
    return reason.text == text;
  }));
}

TEST_CASE("a name that says another uid than the owner's is a plant", "[detect][trail]") {
  Story story;  // M4
  story.exec(kThief, {"cp"}).create(kThief, {.path = "/tmp/krb5cc_1000", .inode = 41, .owner = 0});
  CHECK(last(story).rule == "ticket-planted");
}

TEST_CASE("a mover of the same uid reads its own ticket", "[detect][trail]") {
  Who mover = kOwner;  // M5
  mover.exe = "/usr/bin/cp";
  const Finding read = last(read_by(mover));
  CHECK(read.rule == "own-ticket-read");
  CHECK(read.severity >= Severity::low);
}

TEST_CASE("a refused read is an attempt", "[detect][trail]") {
  Who reader = kThief;
  reader.uid = 1001;
  Story story;
  story.exec(reader, {"cat"}).is_refused(reader, kTicket);
  const Finding attempt = last(story);
  CHECK(attempt.file->action == "attempted");
  CHECK(attempt.severity >= Severity::low);
}

// --- Who may ---

TEST_CASE("own use is info or nothing, and leaves nothing behind", "[detect][trail]") {
  Who client = kOwner;
  client.exe = GENERATE("/usr/bin/klist", "/usr/bin/kinit", "/usr/bin/curl", "/usr/bin/ssh");
  CAPTURE(client.exe);
  Story story = read_by(client).create(client, {.path = "/home/a/out", .inode = 42, .owner = 1000});
  for (const Finding& finding : found(story.connect(client)))
    CHECK(finding.severity == Severity::info);
}

TEST_CASE("an exemption is for a full path and the own ticket", "[detect][trail]") {
  const auto [exe, comm, argv0, uid, why] =
      GENERATE(table<std::string, std::string, std::string, std::uint32_t, std::string>({
          {"/tmp/klist", "klist", "klist", 1000, "a client's name at a place for anyone"},
          {"/usr/bin/cat", "klist", "klist", 1000, "comm and argv0 say klist"},
          {"/usr/bin/cat", "sshd", "/usr/sbin/sshd", 1001, "comm and argv0 say sshd"},
          {"/usr/bin/klist", "klist", "klist", 1001, "klist with another's ticket"},
          {"/dev/shm/sshd", "sshd", "sshd", 0, "a daemon's name in memory"},
      }));
  CAPTURE(why);
  const Who reader{.pid = 70, .exe = exe, .uid = uid, .auid = 1001, .comm = comm};
  Story story;
  story.exec(reader, {argv0}).read(reader, kTicket);
  const Finding read = last(story);
  CHECK(read.severity >= Severity::low);
}

TEST_CASE("an exempt path is exempt while its file is root's alone", "[detect][trail]") {
  Who client = kOwner;
  const auto [owner, mode, expected] =
      GENERATE(table<std::uint32_t, std::string, bool>({{0, "0100755", true},
                                                        {1001, "0100755", false},
                                                        {0, "0100775", false},
                                                        {0, "0100757", false}}));
  CAPTURE(owner, mode);
  Story story;
  story.exec(client, {"klist"}, {.path = client.exe, .inode = 4'000, .owner = owner, .mode = mode});
  story.read(client, kTicket).create(client, kCopy);
  const std::vector<Finding> all = found(story);
  CHECK(std::ranges::any_of(all, [](const Finding& one) { return one.rule == "ticket-copied"; }) ==
        !expected);
}

TEST_CASE("a client that uses a copy is found", "[detect][trail]") {
  const Who client{.pid = 79, .exe = "/usr/bin/klist", .uid = 1001, .auid = 1001, .ses = 8};
  What copy = kCopy;
  copy.owner = 1001;
  Story story = read_by(kThief).create(kThief, copy).wait(minutes{50});
  const Finding used = last(story.exec(client, {"klist"}).read(client, copy));
  CHECK(used.rule == "copy-used");
  CHECK(used.severity >= Severity::medium);
}

TEST_CASE("a walk through a folder weighs less", "[detect][trail]") {
  const Who walker{.pid = 70, .exe = "/usr/bin/tar"};
  const Finding single = last(read_by(walker));
  Story listing;
  listing.exec(walker, {"tar"}).list_folder(walker, "/tmp").read(walker, kTicket);
  Story many;
  many.exec(walker, {"tar"});
  for (std::uint64_t i = 0; i < 5; ++i)
    many.read(walker, {.path = "/tmp/file" + std::to_string(i), .inode = 500 + i});
  many.read(walker, kTicket);
  for (const Story* story : {&listing, &many}) {
    const Finding swept = last(*story);
    CHECK(swept.score < single.score);
    CHECK(swept.severity < Severity::high);
  }
}

// --- Bounds ---

TEST_CASE(
    "of tickets, of tainted processes and of their bytes no more are kept than the limits say",
    "[detect][trail]") {
  Story story;
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    const std::string number = std::to_string(i);
    const Who who{.pid = 10'000 + i, .exe = "/usr/bin/cp", .ppid = 5'000 + i % 100};
    story.read(who, {.path = "/tmp/krb5cc_" + number, .inode = 100'000 + i, .owner = 1000});
    story.create(who, {.path = "/var/tmp/" + number, .inode = 200'000 + i});
  }
  Judged judged = test::judge(story.text(), Decoding::relevant);
  CHECK(judged.findings.size() == 10'000);
  CHECK(judged.coverage.evictions["followed_files"] >= 10'000 - 8'192);
  CHECK(judged.coverage.evictions["tainted_processes"] >= 5'000 + 100 - 4'096);
}

TEST_CASE("paths of any length are kept within their bytes", "[detect][trail]") {
  const std::string folder = "/tmp/" + std::string(20'000, 'd') + "/";
  Story story;
  for (std::uint32_t i = 0; i < 1'200; ++i) {
    const Who who{.pid = 10'000 + i, .exe = "/usr/bin/cp", .ppid = 5'000 + i};
    story.read(who, {.path = folder + "krb5cc_" + std::to_string(i), .inode = 100'000 + i});
  }
  Judged judged = test::judge(story.text(), Decoding::relevant);
  REQUIRE(judged.findings.size() == 1'200);
  for (const Finding& finding : judged.findings)
    REQUIRE(finding.file->path.size() > 20'000);
  // Of each file and each reader 4,096 bytes of path at least: more than 6 MiB of either.
  CHECK(judged.coverage.evictions["tainted_processes"] > 0);
}

TEST_CASE("of a long way 16 steps are told, the last one by its number among all",
          "[detect][trail]") {
  constexpr std::uint32_t kCopies = 30;
  Story story = read_by(kThief);
  What from = kTicket;
  for (std::uint32_t hop = 1; hop <= kCopies; ++hop) {
    const Who who{.pid = 200 + hop, .exe = "/usr/bin/cp", .ppid = 1'000 + hop};
    const What to{.path = "/var/tmp/" + std::to_string(hop), .inode = 300 + hop};
    story.wait(seconds{10}).exec(who, {"cp"}).read(who, from).create(who, to);
    from = to;
  }
  story.wait(seconds{10}).exec(kOther, {"cat"}).read(kOther, from);
  const Finding used = last(story);
  REQUIRE(used.trail.size() == 16);
  CHECK(used.trail.front().path == kTicket.path);
  CHECK(used.trail[14].number == 7);  // the ticket and seven copies were read, and seven written
  CHECK(used.trail.back().path == from.path);
  CHECK(used.trail.back().number == kCopies);  // the gap says how many are not told
}

}  // namespace
}  // namespace krbtrail::detect
