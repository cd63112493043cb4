// SPDX-License-Identifier: Apache-2.0
//
// A source whose first bytes have been looked at: gives them again, then goes on with the rest.
#pragma once

#include <memory>
#include <string>

#include "krbtrail/input/byte_source.h"

namespace krbtrail::input {

class ReplaySource final : public ByteSource {
 public:
  // `head` is what has been read from `rest` so far.
  ReplaySource(std::string head, std::unique_ptr<ByteSource> rest);

  [[nodiscard]] model::Result<std::size_t> read(std::span<char> buffer) override;
  [[nodiscard]] std::string_view name() const override { return rest_->name(); }

 private:
  std::string head_;
  std::size_t place_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

}  // namespace krbtrail::input
