// SPDX-License-Identifier: Apache-2.0
//
// The records of one open event. The first eight stand in the list itself, which is as many as
// nearly any event has: what lies in one piece comes into the near caches in one piece.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "krbtrail/audit/event.h"

namespace krbtrail::audit {

class RecordList {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::span<const Record> all() const {
    return {size_ <= few_.size() ? few_.data() : many_.data(), size_};
  }
  [[nodiscard]] const Record& operator[](std::size_t index) const { return all()[index]; }

  // Whether push_back() has to move what is there.
  [[nodiscard]] bool is_full() const { return size_ >= few_.size(); }

  void push_back(const Record& record) {
    if (size_ < few_.size()) {
      few_[size_++] = record;
      return;
    }
    if (size_ == few_.size())
      many_.assign(few_.begin(), few_.end());
    many_.push_back(record);
    ++size_;
  }

  void clear() {
    size_ = 0;
    many_ = {};
  }

 private:
  std::size_t size_ = 0;
  std::array<Record, 8> few_;
  std::vector<Record> many_;  // all of them, once they are more
};

}  // namespace krbtrail::audit
