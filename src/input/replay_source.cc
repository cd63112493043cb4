// SPDX-License-Identifier: Apache-2.0
#include "replay_source.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace krbtrail::input {

ReplaySource::ReplaySource(std::string head, std::unique_ptr<ByteSource> rest)
    : head_(std::move(head)), rest_(std::move(rest)) {}

model::Result<std::size_t> ReplaySource::read(std::span<char> buffer) {
  if (place_ == head_.size())
    return rest_->read(buffer);
  const std::size_t count = std::min(buffer.size(), head_.size() - place_);
  std::memcpy(buffer.data(), head_.data() + place_, count);
  place_ += count;
  return count;
}

}  // namespace krbtrail::input
