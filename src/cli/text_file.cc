// SPDX-License-Identifier: Apache-2.0
#include "cli/text_file.h"

#include <memory>
#include <vector>

#include "krbtrail/input/file_source.h"

namespace krbtrail::cli {

model::Result<std::string> read_text_file(const std::string& path, std::size_t limit) {
  const model::Result<std::unique_ptr<input::ByteSource>> source = input::open_file(path, path);
  if (!source)
    return source.error();
  std::string text;
  std::vector<char> block(std::size_t{64} << 10U);
  while (true) {
    const model::Result<std::size_t> size = source.value()->read(block);
    if (!size)
      return size.error();
    if (size.value() == 0)
      return text;
    text.append(block.data(), size.value());
    if (text.size() > limit)
      return model::Error{.message = path + ": is larger than " + std::to_string(limit) + " bytes",
                          .hint = ""};
  }
}

}  // namespace krbtrail::cli
