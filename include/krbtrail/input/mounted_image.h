// SPDX-License-Identifier: Apache-2.0
//
// The file system of a seized host, mounted somewhere below DIR, as `--root DIR` names it.
//
//   Result<MountedImage> image = MountedImage::open("/mnt/web1");
//   if (!image) return image.error();
//   const Result<std::string> accounts = image->read_text("etc/passwd", std::size_t{16} << 20U);
//
// Every path is resolved inside the image, as after chroot(DIR): a symbolic link to "/etc/passwd"
// leads to the image's file and "../../.." ends at DIR, so that nothing of this computer can be
// taken for evidence. The kernel does this (openat2 with RESOLVE_IN_ROOT, Linux 5.6); where it
// cannot, the links are followed here, one name at a time. Devices and FIFOs of the image are never
// opened.
//
// Errors name the file as "DIR/PATH": "/mnt/web1/etc/passwd: cannot open: No such file or
// directory".
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "krbtrail/input/byte_source.h"
#include "krbtrail/input/file_descriptor.h"
#include "krbtrail/model/error.h"

namespace krbtrail::input {

class MountedImage {
 public:
  [[nodiscard]] static model::Result<MountedImage> open(const std::string& directory);

  // The regular file at `path` ("etc/krb5.conf"; a leading '/' means the image's root too).
  [[nodiscard]] model::Result<std::unique_ptr<ByteSource>> open_file(const std::string& path,
                                                                     std::string name) const;
  // Its whole content; an Error if that is more than `limit` bytes.
  [[nodiscard]] model::Result<std::string> read_text(const std::string& path,
                                                     std::size_t limit) const;
  // The names in the directory at `path`, in byte order, without "." and "..". An Error
  // beyond 10,000.
  [[nodiscard]] model::Result<std::vector<std::string>> list(const std::string& path) const;

  // "DIR/PATH", as messages name it.
  [[nodiscard]] std::string display_name(const std::string& path) const;

  // The open directory or regular file at `path`; errno's value where there is
  // none, ENODEV for a device, FIFO or socket.
  struct Opened {
    FileDescriptor file;
    int error_number = 0;
  };
  [[nodiscard]] Opened open_inside(const std::string& path) const;

 private:
  MountedImage(FileDescriptor root, std::string directory);

  FileDescriptor root_;
  std::string directory_;
};

}  // namespace krbtrail::input
