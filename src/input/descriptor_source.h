// SPDX-License-Identifier: Apache-2.0
//
// read(2) as a ByteSource: what files, FIFOs and standard input have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <sys/types.h>

#include "krbtrail/input/byte_source.h"
#include "krbtrail/input/file_descriptor.h"

namespace krbtrail::input {

class DescriptorSource final : public ByteSource {
 public:
  // Closes the descriptor at the end of its life.
  DescriptorSource(FileDescriptor owned, std::string name);
  // Leaves it open; the caller keeps it open as long as this object lives.
  DescriptorSource(int borrowed, std::string name);

  [[nodiscard]] model::Result<std::size_t> read(std::span<char> buffer) override;
  [[nodiscard]] std::string_view name() const override { return name_; }

 private:
  FileDescriptor owned_;
  int descriptor_;
  std::string name_;
  std::uint64_t offset_ = 0;
};

// Why a file of this type is not read as evidence; nullptr if it is (a regular file or a FIFO).
[[nodiscard]] const char* why_not_read(mode_t mode);

// `file` is an open regular file or FIFO: tells the kernel that it is read from front to back. An
// Error for anything else, as open_file() words it.
[[nodiscard]] model::Result<std::unique_ptr<ByteSource>> read_opened(FileDescriptor file,
                                                                     std::string name);

}  // namespace krbtrail::input
