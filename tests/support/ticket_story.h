// SPDX-License-Identifier: Apache-2.0
//
// Audit records of x86_64, written as a story: who did what to which file.
//
//   Story story;
//   story.exec(thief, {"cp", "/tmp/krb5cc_1000", "/tmp/x"}).read(thief, ticket).create(thief,
//   copy); judge(story.text(), Decoding::every);
//
// An event a millisecond, unless time passes in between.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace krbtrail::test {

struct Who {
  std::uint32_t pid = 0;
  std::string exe;
  std::uint32_t ppid = 900;
  std::uint32_t uid = 0;
  std::uint32_t auid = 1001;
  std::uint32_t ses = 3;
  std::string comm = {};  // that of exe if empty
};

struct What {
  std::string path;
  std::uint64_t inode = 0;
  std::uint32_t owner = 0;
  std::string mode = "0100600";
};

class Story {
 public:
  Story& wait(std::chrono::milliseconds time) {
    now_ += time;
    return *this;
  }

  // `program` is the file that is run: root's unless it says otherwise.
  Story& exec(const Who& who, const std::vector<std::string>& words, What program = {}) {
    std::string list = "EXECVE argc=" + std::to_string(words.size());
    for (std::size_t i = 0; i < words.size(); ++i)
      list += " a" + std::to_string(i) + "=" + field(words[i]);
    if (program.inode == 0)
      program = {.path = who.exe, .inode = 4'000, .owner = 0, .mode = "0100755"};
    return event(who, 59, "a0=55 a1=55 a2=55 a3=0", {list, kCwd, item(0, program, "NORMAL")});
  }
  Story& read(const Who& who, const What& file) {
    return event(who, 257, opening(0), {kCwd, item(0, file, "NORMAL")});
  }
  Story& is_refused(const Who& who, const What& file) {
    return event(who, 257, opening(0), {kCwd, item(0, file, "NORMAL")}, "success=no exit=-13");
  }
  // Below a folder that is open as descriptor 5: of the path the record has the base name alone.
  Story& read_below_folder(const Who& who, What file) {
    file.path = base_of(file.path);
    return event(who, 257, "a0=5 a1=7ffc a2=0 a3=0", {kCwd, item(0, file, "NORMAL")});
  }
  Story& list_folder(const Who& who, const std::string& path) {
    return event(who, 257, opening(0x90800),
                 {kCwd, item(0, {.path = path, .inode = 2, .mode = "041777"}, "NORMAL")});
  }
  Story& write(const Who& who, const What& file) {
    return event(who, 257, opening(1), {kCwd, item(0, file, "NORMAL")});
  }
  Story& create(const Who& who, const What& file) {
    return event(who, 257, opening(0x241), {kCwd, parent(0, file.path), item(1, file, "CREATE")});
  }
  Story& rename(const Who& who, const What& file, const std::string& path,
                const What& replaced = {}) {
    std::vector<std::string> records = {kCwd, parent(0, file.path), parent(1, path),
                                        item(2, file, "DELETE")};
    if (replaced.inode != 0)
      records.push_back(item(3, replaced, "DELETE"));
    records.push_back(item(static_cast<int>(records.size()) - 1, renamed(file, path), "CREATE"));
    return event(who, 82, "a0=7ffc a1=7ffd a2=0 a3=0", records, "success=yes exit=0");
  }
  Story& link(const Who& who, const What& file, const std::string& path) {
    return event(
        who, 86, "a0=7ffc a1=7ffd a2=0 a3=0",
        {kCwd, item(0, file, "NORMAL"), parent(1, path), item(2, renamed(file, path), "CREATE")},
        "success=yes exit=0");
  }
  Story& symlink(const Who& who, const std::string& target, What link) {
    link.mode = "0120777";
    return event(who, 88, "a0=7ffc a1=7ffd a2=0 a3=0",
                 {kCwd, "PATH item=0 name=" + field(target) + " nametype=UNKNOWN cap_fp=0",
                  parent(1, link.path), item(2, link, "CREATE")},
                 "success=yes exit=0");
  }
  Story& unlink(const Who& who, const What& file) {
    return event(who, 87, "a0=7ffc a1=0 a2=0 a3=0",
                 {kCwd, parent(0, file.path), item(1, file, "DELETE")}, "success=yes exit=0");
  }
  Story& chown(const Who& who, const What& file, std::uint32_t owner) {
    return event(who, 92, "a0=7ffc a1=" + hex(owner) + " a2=" + hex(owner) + " a3=0",
                 {kCwd, item(0, file, "NORMAL")}, "success=yes exit=0");
  }
  // To 192.0.2.7, port 443.
  Story& connect(const Who& who) {
    return event(who, 42, "a0=3 a1=7ffc a2=10 a3=0",
                 {"SOCKADDR saddr=020001BBC00002070000000000000000"}, "success=yes exit=0");
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  static constexpr const char* kCwd = "CWD cwd=\"/root\"";

  [[nodiscard]] static std::string hex(std::uint64_t number) {
    std::string digits(17, '\0');
    digits.resize(static_cast<std::size_t>(std::snprintf(digits.data(), digits.size(), "%llx",
                                                         static_cast<unsigned long long>(number))));
    return digits;
  }
  [[nodiscard]] static std::string opening(std::uint64_t flags) {
    return "a0=ffffff9c a1=7ffc a2=" + hex(flags) + " a3=180";
  }
  [[nodiscard]] static std::string field(std::string_view text) {
    const bool plain = text.find_first_of(" \"") == std::string_view::npos;
    if (plain)
      return "\"" + std::string{text} + "\"";
    std::string digits;
    for (const char c : text)
      digits +=
          (static_cast<unsigned char>(c) < 16 ? "0" : "") + hex(static_cast<unsigned char>(c));
    return digits;
  }
  [[nodiscard]] static std::string base_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
  }
  [[nodiscard]] static What renamed(What file, const std::string& path) {
    file.path = path;
    return file;
  }
  [[nodiscard]] static std::string item(int number, const What& file, std::string_view nametype) {
    const std::string owner = std::to_string(file.owner);
    return "PATH item=" + std::to_string(number) + " name=" + field(file.path) +
           " inode=" + std::to_string(file.inode) + " dev=fe:00 mode=" + file.mode +
           " ouid=" + owner + " ogid=" + owner + " rdev=00:00 nametype=" + std::string{nametype} +
           " cap_fp=0";
  }
  [[nodiscard]] static std::string parent(int number, const std::string& path) {
    return item(number, {.path = path.substr(0, path.rfind('/') + 1), .inode = 2, .mode = "041777"},
                "PARENT");
  }

  Story& event(const Who& who, int call, const std::string& arguments,
               const std::vector<std::string>& records,
               std::string_view result = "success=yes exit=3") {
    now_ += std::chrono::milliseconds{1};
    const auto count = now_.count();
    std::string thousandths = std::to_string(count % 1'000);
    thousandths.insert(0, 3 - thousandths.size(), '0');
    const std::string stamp = " msg=audit(" + std::to_string(count / 1'000) + "." + thousandths +
                              ":" + std::to_string(++serial_) + "): ";
    const std::string uid = std::to_string(who.uid);
    const std::string comm = who.comm.empty() ? base_of(who.exe).substr(0, 15) : who.comm;
    text_ += "type=SYSCALL" + stamp + "arch=c000003e syscall=" + std::to_string(call) + " " +
             std::string{result} + " " + arguments +
             " items=" + std::to_string(records.size() - 1) + " ppid=" + std::to_string(who.ppid) +
             " pid=" + std::to_string(who.pid) + " auid=" + std::to_string(who.auid) +
             " uid=" + uid + " gid=" + uid + " euid=" + uid + " suid=" + uid + " fsuid=" + uid +
             " egid=" + uid + " sgid=" + uid + " fsgid=" + uid +
             " tty=pts0 ses=" + std::to_string(who.ses) + " comm=" + field(comm) +
             " exe=" + field(who.exe) + " key=\"kerberos\"\n";
    for (const std::string& record : records) {
      const std::size_t blank = record.find(' ');
      text_ += "type=" + record.substr(0, blank) + stamp + record.substr(blank + 1) + "\n";
    }
    return *this;
  }

  std::string text_;
  std::chrono::milliseconds now_{1'700'000'000'000};
  std::uint64_t serial_ = 0;
};

}  // namespace krbtrail::test
