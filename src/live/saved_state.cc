// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/saved_state.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "krbtrail/input/file_descriptor.h"

namespace krbtrail::live {
namespace {

using input::FileDescriptor;

// Another layout is another version: nothing of an old one is read.
constexpr std::string_view kTitle = "krbtrail state 1";
constexpr std::size_t kMostBytes = std::size_t{32} << 20U;
constexpr std::size_t kBootIdBytes = 64;

// FNV-1a, 64 bits.
std::uint64_t checksum_of(std::string_view text) {
  std::uint64_t sum = 0xCBF29CE484222325U;
  for (const char byte : text) {
    sum ^= static_cast<unsigned char>(byte);
    sum *= 0x100000001B3U;
  }
  return sum;
}

std::string hexadecimal(std::uint64_t number) {
  std::array<char, 16> digits{};
  digits.fill('0');
  std::array<char, 16> short_form{};
  const auto end =
      std::to_chars(short_form.data(), short_form.data() + short_form.size(), number, 16);
  const auto size = end.ptr - short_form.data();
  std::copy_n(short_form.data(), size, digits.end() - size);
  return {digits.data(), digits.size()};
}

model::Error does_not_fit(std::string_view what) {
  return {.message = std::string{what}, .hint = {}};
}

// Takes "NAME VALUE\n" off the text; nothing if that is not what comes.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view name) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(name) || text.size() <= name.size() ||
      text[name.size()] != ' ')
    return std::nullopt;
  const std::string_view value = text.substr(name.size() + 1, end - name.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

std::optional<std::size_t> take_size(std::string_view& text, std::string_view name) {
  const auto line = take_line(text, name);
  if (!line)
    return std::nullopt;
  std::size_t size = 0;
  const auto [end, code] = std::from_chars(line->data(), line->data() + line->size(), size);
  if (code != std::errc{} || end != line->data() + line->size() || size > kMostBytes)
    return std::nullopt;
  return size;
}

model::Error cannot(const std::string& path, std::string_view what, int code) {
  return {.message = path + ": cannot " + std::string{what} + ": " + input::system_reason(code),
          .hint = {}};
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// A name of the folder itself, flushed: otherwise a power cut may undo the renaming.
bool flush_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const FileDescriptor open{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return open.is_open() && ::fsync(open.get()) == 0;
}

}  // namespace

std::string to_text(const SavedState& state) {
  std::string rest = "boot " + state.boot_id + "\nhost " + state.host + "\nended " +
                     (state.ended ? "yes" : "no") + "\nprocesses " +
                     std::to_string(state.processes.size()) + "\nevents " +
                     std::to_string(state.events.size()) + "\n";
  rest += state.processes;
  rest += state.events;
  return std::string{kTitle} + "\nchecksum " + hexadecimal(checksum_of(rest)) + "\n" + rest;
}

model::Result<SavedState> parse_saved_state(std::string_view text) {
  if (text.substr(0, text.find('\n')) != kTitle)
    return does_not_fit("is not of this version of krbtrail");
  text.remove_prefix(std::min(kTitle.size() + 1, text.size()));
  const auto checksum = take_line(text, "checksum");
  if (!checksum || *checksum != hexadecimal(checksum_of(text)))
    return does_not_fit("does not fit its checksum");
  const auto boot = take_line(text, "boot");
  const auto host = take_line(text, "host");
  const auto ended = take_line(text, "ended");
  const auto processes = take_size(text, "processes");
  const auto events = take_size(text, "events");
  if (!boot || !host || !ended || !processes || !events || (*ended != "yes" && *ended != "no") ||
      *processes + *events != text.size())
    return does_not_fit("does not add up");
  return SavedState{.boot_id = std::string{*boot},
                    .host = std::string{*host},
                    .ended = *ended == "yes",
                    .processes = std::string{text.substr(0, *processes)},
                    .events = std::string{text.substr(*processes)}};
}

model::Result<std::optional<std::string>> read_state_file(const std::string& path) {
  const FileDescriptor file{
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)};
  if (!file.is_open() && errno == ENOENT)
    return std::optional<std::string>{};
  struct stat facts {};
  if (!file.is_open() || ::fstat(file.get(), &facts) != 0)
    return cannot(path, "open", errno);
  if (!S_ISREG(facts.st_mode))
    return does_not_fit(path + ": is no regular file");
  const bool is_ours = facts.st_uid == 0 || facts.st_uid == ::geteuid();
  if (!is_ours || (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return does_not_fit(path + ": somebody else could have written it");
  if (static_cast<std::uint64_t>(facts.st_size) > kMostBytes)
    return does_not_fit(path + ": is too large");
  std::string text(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return cannot(path, "read", errno);
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return std::optional{std::move(text)};
}

model::Status write_state_file(const std::string& path, std::string_view text) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode))
    return does_not_fit(path + ": is no regular file");  // a device would be lost
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());  // what a death left behind
  const FileDescriptor file{::open(
      fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR)};
  if (!file.is_open())
    return cannot(fresh, "write", errno);
  if (!write_all(file.get(), text) || ::fsync(file.get()) != 0 ||
      ::rename(fresh.c_str(), path.c_str()) != 0 || !flush_folder(path)) {
    const int code = errno;
    ::unlink(fresh.c_str());
    return cannot(path, "write", code);
  }
  return {};
}

std::string boot_id(const std::string& path) {
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<char, kBootIdBytes> text{};
  const ssize_t size = file.is_open() ? ::read(file.get(), text.data(), text.size()) : 0;
  if (size <= 0)
    return {};
  const std::string_view read{text.data(), static_cast<std::size_t>(size)};
  return std::string{read.substr(0, read.find('\n'))};
}

void TaughtEvents::keep(std::string lines) {
  bytes_ += lines.size();
  events_.push_back(std::move(lines));
  while (bytes_ > most_bytes_) {
    bytes_ -= events_.front().size();
    events_.pop_front();
    ++left_out_;
  }
}

std::string TaughtEvents::text() const {
  std::string all;
  all.reserve(bytes_);
  for (const std::string& lines : events_)
    all += lines;
  return all;
}

StateWriter::StateWriter(std::string path) : path_(std::move(path)) {}

bool StateWriter::begin(std::string text) {
  {
    const std::scoped_lock lock{shared_->mutex};
    if (std::exchange(shared_->is_busy, true))
      return false;
  }
  try {
    std::thread{[shared = shared_, path = path_, text = std::move(text)] {
      end(*shared, write_state_file(path, text));
    }}.detach();
  } catch (const std::system_error& error) {
    end(*shared_, model::Error{.message = path_ + ": no thread can be started to write it: " +
                                          error.code().message(),
                               .hint = {}});
    return false;
  }
  return true;
}

void StateWriter::end(Shared& shared, model::Status status) {
  const std::scoped_lock lock{shared.mutex};
  if (status)
    ++shared.written;
  else
    shared.problem = status.error();
  shared.is_busy = false;
  shared.done.notify_all();
}

bool StateWriter::wait_until(Instant deadline) {
  std::unique_lock lock{shared_->mutex};
  return shared_->done.wait_until(lock, deadline, [&] { return !shared_->is_busy; });
}

std::uint64_t StateWriter::written() const {
  const std::scoped_lock lock{shared_->mutex};
  return shared_->written;
}

std::optional<model::Error> StateWriter::take_problem() {
  const std::scoped_lock lock{shared_->mutex};
  return std::exchange(shared_->problem, std::nullopt);
}

}  // namespace krbtrail::live
