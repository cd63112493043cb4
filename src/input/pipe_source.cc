// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/pipe_source.h"

#include "descriptor_source.h"

namespace krbtrail::input {

std::unique_ptr<ByteSource> open_pipe(int descriptor, std::string name) {
  return std::make_unique<DescriptorSource>(descriptor, std::move(name));
}

}  // namespace krbtrail::input
