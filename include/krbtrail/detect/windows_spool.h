// SPDX-License-Identifier: Apache-2.0
//
// Holds Windows events until all inputs are read: a service may stand in another file than the
// logon before it, and which events matter is known only then.
//
//   WindowsSpool spool{{.make_file = …}};
//   const Result<std::uint64_t> reference = spool.append(event);
//   spool.for_each([&](std::uint64_t reference, windows::WindowsEvent&& event) { … });
//   spool.read(reference.value());
//
// In memory stay `memory_limit` bytes; what comes after goes to a file that is made only then. Of
// an event only what a report can show is kept, some 300 bytes of a logon, unless `all_fields`.
// Events come back in the order in which they came in. Appending after reading is not allowed. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "krbtrail/model/error.h"
#include "krbtrail/windows/event.h"

namespace krbtrail::detect {

// Bytes outside memory. Errors name the file.
class SpoolFile {
 public:
  SpoolFile() = default;
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;
  SpoolFile(SpoolFile&&) = delete;
  SpoolFile& operator=(SpoolFile&&) = delete;
  virtual ~SpoolFile() = default;

  [[nodiscard]] virtual model::Status append(std::string_view bytes) = 0;
  // Fills all of `bytes` from `offset` on; they have been appended.
  [[nodiscard]] virtual model::Status read(std::uint64_t offset, std::span<char> bytes) = 0;
};

struct SpoolOptions {
  std::size_t memory_limit = std::size_t{8} << 20U;
  bool all_fields = false;  // also those that no question of the guide asks for
  std::function<model::Result<std::unique_ptr<SpoolFile>>()> make_file;
};

class WindowsSpool {
 public:
  explicit WindowsSpool(SpoolOptions options) : options_(std::move(options)) {}

  // A reference to read it by.
  [[nodiscard]] model::Result<std::uint64_t> append(const windows::WindowsEvent& event);
  [[nodiscard]] model::Result<windows::WindowsEvent> read(std::uint64_t reference);
  [[nodiscard]] model::Status for_each(
      const std::function<void(std::uint64_t, windows::WindowsEvent&&)>& use);

 private:
  [[nodiscard]] model::Status spill(std::string_view bytes);
  [[nodiscard]] model::Status flush();
  [[nodiscard]] model::Status copy(std::uint64_t offset, std::span<char> bytes);
  [[nodiscard]] model::Status copy_in_order(std::uint64_t offset, std::span<char> bytes);
  [[nodiscard]] std::uint64_t size() const { return memory_.size() + spilled_; }

  SpoolOptions options_;
  std::string memory_;               // the first events
  std::unique_ptr<SpoolFile> file_;  // the others
  std::string waiting_;              // for the file
  std::uint64_t spilled_ = 0;        // bytes in the file, waiting ones included
  std::string window_;               // of the file, while it is read in order
  std::uint64_t window_offset_ = 0;  // as a reference
};

}  // namespace krbtrail::detect
