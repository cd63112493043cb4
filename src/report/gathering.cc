// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/gathering.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "krbtrail/report/ndjson_reader.h"
#include "report/sort_key.h"
#include "report/sorted_spill.h"

namespace krbtrail::report {
namespace {

using model::Finding;
using model::Incident;
using model::Status;

enum class Kind : char { finding = '1', incident };

// The keys of the first sort begin alike for all copies; behind that stands which copy is best.
constexpr std::size_t kIdentityLength = 1 + 16;

std::string identity(Kind kind, std::string_view id) {
  return static_cast<char>(kind) + std::string{id};
}

std::uint64_t records_of(const Finding& finding) {
  std::uint64_t records = 0;
  for (const model::Evidence& evidence : finding.evidence)
    records += evidence.records.size();
  return records;
}

std::string best_first(const Finding& finding) {
  return SortKey{identity(Kind::finding, finding.id)}
      .ascending(static_cast<std::uint64_t>(finding.verdict))
      .ascending(std::uint64_t{finding.suppressed_by.has_value()})
      .descending(finding.count)
      .descending(records_of(finding))
      .bytes();
}

std::string best_first(const Incident& incident) {
  return SortKey{identity(Kind::incident, incident.id)}
      .descending(incident.findings.size())
      .bytes();
}

std::string oldest_first(Kind kind, model::Timestamp time, std::string_view id) {
  return SortKey{std::string{static_cast<char>(kind)}}.ascending(time).text(id).bytes();
}

}  // namespace

class Gathering::Impl {
 public:
  explicit Impl(const SpillOptions& spill) : by_id_(spill), by_time_(spill) {}

  Status push(std::string_view key, std::string_view line) { return by_id_.push(key, line); }

  Status drop_copies(const GatheringReceivers& receivers) {
    const GatheringReceivers keepers{
        .on_finding = [&](Finding finding) -> Status {
          const std::string key = oldest_first(Kind::finding, finding.time, finding.id);
          if (const Status kept = by_time_.push(key, line_); !kept)
            return kept.error();
          return receivers.on_finding(std::move(finding));
        },
        .on_incident = [&](Incident incident) -> Status {
          const std::string key = oldest_first(Kind::incident, incident.first, incident.id);
          if (const Status kept = by_time_.push(key, line_); !kept)
            return kept.error();
          return receivers.on_incident(std::move(incident));
        }};
    std::string last;
    return by_id_.drain([&](std::string_view key, std::string_view body) -> Status {
      const std::string_view current = key.substr(0, kIdentityLength);
      if (current == last) {
        ++copies_;
        return {};
      }
      last = current;
      line_ = body;
      return hand_over(body, keepers);
    });
  }

  Status drain(const GatheringReceivers& receivers) {
    return by_time_.drain([&](std::string_view /*key*/, std::string_view body) {
      return hand_over(body, receivers);
    });
  }

  [[nodiscard]] std::uint64_t copies() const { return copies_; }

 private:
  Status hand_over(std::string_view line, const GatheringReceivers& receivers) {
    model::Result<NdjsonObject> object = reader_.read(line);
    if (!object)
      return object.error();
    if (auto* finding = std::get_if<Finding>(&object.value()))
      return receivers.on_finding(std::move(*finding));
    return receivers.on_incident(std::move(std::get<Incident>(object.value())));
  }

  SortedSpill by_id_;
  SortedSpill by_time_;
  NdjsonReader reader_;
  std::string_view line_;  // the object at hand while copies are dropped
  std::uint64_t copies_ = 0;
};

Gathering::Gathering(const SpillOptions& spill) : impl_(std::make_unique<Impl>(spill)) {}
Gathering::~Gathering() = default;

Status Gathering::push(const Finding& finding, std::string_view line) {
  return impl_->push(best_first(finding), line);
}

Status Gathering::push(const Incident& incident, std::string_view line) {
  return impl_->push(best_first(incident), line);
}

Status Gathering::drop_copies(const GatheringReceivers& receivers) {
  return impl_->drop_copies(receivers);
}

Status Gathering::drain(const GatheringReceivers& receivers) {
  return impl_->drain(receivers);
}

std::uint64_t Gathering::copies() const {
  return impl_->copies();
}

}  // namespace krbtrail::report
