// SPDX-License-Identifier: Apache-2.0
//
// The scan lane over texts: what its tests and those of the rooms behind it start from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/audit/literal_scanner.h"
#include "krbtrail/audit/scan_lane.h"

namespace krbtrail::test {

struct ScannedEvent {
  std::string host;
  std::string key;
  std::vector<std::string> records;
  std::vector<audit::RecordType> types;
  bool relevant = false;
};

struct Scan {
  std::vector<ScannedEvent> events;
  std::vector<audit::LaneNotices> notices;
  model::Coverage coverage;  // with the events' bytes in `used`
  model::HostNames hosts;

  [[nodiscard]] std::size_t records() const {
    std::size_t count = 0;
    for (const ScannedEvent& event : events)
      count += event.records.size();
    return count;
  }
};

struct ScanSetup {
  std::size_t read_bytes = 4096;  // what one read() of an input gives at most
  std::size_t block_bytes = 256U << 10U;
  std::vector<std::string_view> literals = {"krb5cc", "ccache"};
  bool with_first_stamps = false;
  bool live = false;
  unsigned spare_threads = 0;
  bool may_wait = false;
  std::size_t blocks = static_cast<std::size_t>(-1);  // after so many nobody wants more
};

// Reads `texts` as the files of one host, "host" by default.
inline Scan scan_texts(const std::vector<std::string>& texts, const ScanSetup& setup = {},
                       const std::vector<std::optional<model::Timestamp>>& first_stamps = {}) {
  Scan result;
  const audit::LiteralScanner scanner{setup.literals};
  const auto take = [&](const audit::Event& event) {
    result.coverage.used.lines += event.lines;
    result.coverage.used.bytes += event.bytes;
    ScannedEvent seen{.host = std::string{result.hosts.name(event.key.host)},
                      .key = event.key.to_string(),
                      .records = {},
                      .types = {},
                      .relevant = event.relevant};
    for (const audit::Record& record : event.records) {
      seen.records.emplace_back(record.text);
      seen.types.push_back(record.type);
    }
    result.events.push_back(std::move(seen));
  };
  const model::HostId host = result.hosts.intern("host");
  std::size_t blocks = 0;
  audit::ScanLane lane{{.block_bytes = setup.block_bytes,
                        .spare_threads = setup.spare_threads,
                        .on_block = [&] { return ++blocks < setup.blocks; },
                        .live = setup.live},
                       scanner,
                       result.hosts,
                       result.coverage,
                       take};
  std::vector<audit::LogInput> inputs;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto read = [rest = std::string_view{texts[i]}, &setup](std::span<char> out) mutable {
      const std::size_t size = std::min({rest.size(), out.size(), setup.read_bytes});
      std::copy_n(rest.begin(), size, out.begin());
      rest.remove_prefix(size);
      return size;
    };
    inputs.push_back({.input = static_cast<model::InputId>(i),
                      .default_host = host,
                      .first_stamp = i < first_stamps.size() ? first_stamps[i] : std::nullopt,
                      .read = read,
                      .may_wait = setup.may_wait});
  }
  lane.scan(inputs);
  result.notices.assign(lane.notices().begin(), lane.notices().end());
  return result;
}

inline Scan scan_text(std::string_view text, const ScanSetup& setup = {}) {
  return scan_texts({std::string{text}}, setup);
}

}  // namespace krbtrail::test
