// SPDX-License-Identifier: Apache-2.0
//
// Reads bytes in memory with a reader and keeps what comes out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/windows/event.h"
#include "krbtrail/windows/reader.h"

namespace krbtrail::windows {

using Reader = ReadReport (*)(const ReadBytes&, const InputName&, const ReadOptions&, EventSink&);

class Collector final : public EventSink {
 public:
  void push(WindowsEvent&& event) override { events.push_back(std::move(event)); }
  std::vector<WindowsEvent> events;
};

struct ReadAll {
  std::vector<WindowsEvent> events;
  ReadReport report;
};

// `piece` is the most that one read gives; after `fail_at` bytes the source fails.
inline ReadAll read_all(Reader reader, std::string_view bytes, const ReadOptions& options = {},
                        std::size_t piece = 100'000,
                        std::optional<std::size_t> fail_at = std::nullopt) {
  std::size_t at = 0;
  const ReadBytes read = [&](std::span<char> buffer) -> model::Result<std::size_t> {
    if (fail_at && at >= *fail_at)
      return model::Error{"input: cannot read: Input/output error", ""};
    const std::size_t size = std::min({buffer.size(), bytes.size() - at, piece});
    std::memcpy(buffer.data(), bytes.data() + at, size);
    at += size;
    return size;
  };
  Collector collector;
  ReadReport report = reader(read, {model::InputId{7}, "input"}, options, collector);
  return {std::move(collector.events), std::move(report)};
}

inline std::vector<std::string> texts(const std::vector<Problem>& problems) {
  std::vector<std::string> all;
  for (const Problem& problem : problems)
    all.push_back(problem.text);
  return all;
}

template <class T>
T value_or(const Reading<T>& reading, T otherwise) {
  const T* value = value_of(reading);
  return value == nullptr ? otherwise : *value;
}

// The field's text, "~" if it is missing, "?" and the text if it is unreadable.
inline std::string shown(const Reading<std::string>& reading) {
  if (const auto* unreadable = std::get_if<Unreadable>(&reading))
    return "?" + unreadable->text;
  return value_or<std::string>(reading, "~");
}
inline std::string shown(const WindowsEvent& event, Field field) {
  return shown(event.text(field));
}

}  // namespace krbtrail::windows
