// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/ndjson.h"

#include <string>
#include <utility>

#include "report/json_objects.h"

namespace krbtrail::report {
namespace {

using model::Status;

class NdjsonSink : public Sink {
 public:
  NdjsonSink(std::unique_ptr<Delivery> delivery, const NdjsonOptions& options)
      : delivery_(std::move(delivery)), options_(options) {}

  [[nodiscard]] Status push(const model::Finding& finding) override {
    append_finding(line_, finding);
    return hand_on();
  }

  [[nodiscard]] Status push(const model::Incident& incident) override {
    append_incident(line_, incident);
    return hand_on();
  }

  [[nodiscard]] Status close(const model::Coverage& coverage,
                             const model::Summary& summary) override {
    for (const model::HostCoverage& host : coverage.hosts) {
      append_host_coverage(line_, host);
      if (Status written = hand_on(); !written)
        return written;
    }
    append_coverage(line_, coverage);
    if (Status written = hand_on(); !written)
      return written;
    append_summary(line_, coverage, summary, options_.stats);
    if (Status written = hand_on(); !written)
      return written;
    return delivery_->finish();
  }

 private:
  [[nodiscard]] Status hand_on() {
    line_ += '\n';
    Status status = delivery_->write(line_);
    line_.clear();
    return status && options_.flush_each ? delivery_->flush() : status;
  }

  std::unique_ptr<Delivery> delivery_;
  NdjsonOptions options_;
  std::string line_;  // kept, so that its memory is
};

}  // namespace

std::unique_ptr<Sink> make_ndjson_sink(std::unique_ptr<Delivery> delivery,
                                       const NdjsonOptions& options) {
  return std::make_unique<NdjsonSink>(std::move(delivery), options);
}

}  // namespace krbtrail::report
