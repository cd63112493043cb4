// SPDX-License-Identifier: Apache-2.0
//
// A delivery into a string, and one that fails when it has taken so many bytes.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "krbtrail/report/delivery.h"

namespace krbtrail::test {

struct Collected {
  std::string bytes;
  std::size_t flushes = 0;
  bool finished = false;
};

class CollectingDelivery : public report::Delivery {
 public:
  // `into` must outlive the delivery.
  explicit CollectingDelivery(Collected& into,
                              std::size_t room = std::numeric_limits<std::size_t>::max())
      : into_(into), room_(room) {}

  model::Status write(std::string_view bytes) override {
    if (into_.bytes.size() + bytes.size() > room_)
      return full();
    into_.bytes += bytes;
    return {};
  }
  model::Status flush() override {
    ++into_.flushes;
    return {};
  }
  model::Status finish() override {
    into_.finished = true;
    return {};
  }

 private:
  static model::Status full() {
    return model::Error{.message = "out: cannot write: No space left on device", .hint = {}};
  }

  Collected& into_;
  std::size_t room_;
};

[[nodiscard]] inline std::unique_ptr<report::Delivery> collect(Collected& into) {
  return std::make_unique<CollectingDelivery>(into);
}

}  // namespace krbtrail::test
