// SPDX-License-Identifier: Apache-2.0
//
// Where the bytes of a report go. Whole, or an Error: a full disk or a closed pipe must never look
// like "nothing found".
//
//   Result<std::unique_ptr<Delivery>> delivery = deliver_to_file("out.csv");
//   if (!delivery) return delivery.error();
//   … (*delivery)->write(bytes) … (*delivery)->finish()
//
// Errors read "out.csv: cannot write: No space left on device". After one the delivery is void:
// later calls return the same Error. Not thread-safe.
//
// The caller must ignore SIGPIPE and SIGXFSZ, or the process dies before it can say what happened.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "krbtrail/model/error.h"

namespace krbtrail::report {

class Delivery {
 public:
  Delivery() = default;
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  Delivery(Delivery&&) = delete;
  Delivery& operator=(Delivery&&) = delete;
  // Without finish() a file's old content stands and an open descriptor may lack the last bytes.
  virtual ~Delivery() = default;

  // Keeps up to 64 KiB back.
  [[nodiscard]] virtual model::Status write(std::string_view bytes) = 0;
  // Hands on what was kept back, so that a reader of a pipe sees it now.
  [[nodiscard]] virtual model::Status flush() = 0;
  // Once, after the last write(): from then on the report is where it belongs, whole.
  [[nodiscard]] virtual model::Status finish() = 0;
};

// Writes to an open descriptor, which stays the caller's and open; finish() asks the file system
// for errors that it reports at close only. `name` is what errors call it: "standard output".
[[nodiscard]] std::unique_ptr<Delivery> deliver_to_descriptor(int descriptor, std::string name);

// Writes a file whole: to a temporary file in the same directory, which finish() syncs and renames
// to `path`. Until then, and after any failure, the old file stands and no temporary remains: it
// has no name (O_TMPFILE), and for the rename ".krbtrail-PID-N". Where the file system cannot have
// such files (NFS, FAT) it is ".krbtrail-XXXXXX" all the time, which a process that is killed
// leaves behind. A symbolic link is followed: the file that it names is replaced. A new file has
// mode 0600, because command lines are in it; an old file's mode is kept. What exists and is no
// regular file (a pipe, /dev/stdout) is written to directly.
[[nodiscard]] model::Result<std::unique_ptr<Delivery>> deliver_to_file(const std::string& path);

// The directory in which deliver_to_file() creates, renames and removes: what a sandbox must allow.
[[nodiscard]] std::string directory_of_delivery(const std::string& path);

}  // namespace krbtrail::report
