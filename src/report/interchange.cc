// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/interchange.h"

#include <string>
#include <utility>

#include "report/line_format.h"

namespace krbtrail::report {
namespace {

using model::Status;

[[nodiscard]] LineFormat functions_of(Interchange format) {
  switch (format) {
    case Interchange::ecs:
      return ecs_format();
    case Interchange::ocsf:
      return ocsf_format();
    case Interchange::timesketch:
      return timesketch_format();
    case Interchange::timesketch_csv:
      return timesketch_csv_format();
    case Interchange::sentinel:
      break;
  }
  return sentinel_format();
}

class LineSink : public Sink {
 public:
  LineSink(std::unique_ptr<Delivery> delivery, const LineFormat& format)
      : delivery_(std::move(delivery)), format_(format) {
    format_.head(lines_);
  }

  [[nodiscard]] Status push(const model::Finding& finding) override {
    format_.finding(lines_, finding);
    return hand_on();
  }

  [[nodiscard]] Status push(const model::Incident& incident) override {
    format_.incident(lines_, incident);
    return hand_on();
  }

  [[nodiscard]] Status close(const model::Coverage& coverage,
                             const model::Summary& summary) override {
    format_.end(lines_, coverage, summary);
    Status status = hand_on();
    return status ? delivery_->finish() : status;
  }

 private:
  [[nodiscard]] Status hand_on() {
    Status status = delivery_->write(lines_);
    lines_.clear();
    return status;
  }

  std::unique_ptr<Delivery> delivery_;
  LineFormat format_;
  std::string lines_;  // not yet handed on; kept, so that its memory is
};

}  // namespace

std::unique_ptr<Sink> make_interchange_sink(std::unique_ptr<Delivery> delivery,
                                            Interchange format) {
  return std::make_unique<LineSink>(std::move(delivery), functions_of(format));
}

}  // namespace krbtrail::report
