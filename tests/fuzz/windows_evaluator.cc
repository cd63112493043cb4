// SPDX-License-Identifier: Apache-2.0
//
// The evaluator over whatever events the XML reader makes of the bytes, read twice so that there
// are copies: it ends, and each service gets one object at most.
#include "krbtrail/detect/windows_evaluator.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "fuzz/require.h"
#include "fuzz/windows_reading.h"

namespace krbtrail::fuzz {
namespace {

class Services final : public windows::EventSink {
 public:
  explicit Services(detect::WindowsEvaluator& evaluator) : evaluator_(evaluator) {}

  void push(windows::WindowsEvent&& event) override {
    count += event.event_id == 4697 ? 1 : 0;
    evaluator_.push(std::move(event));
  }

  std::uint64_t count = 0;

 private:
  detect::WindowsEvaluator& evaluator_;
};

void evaluate(std::string_view bytes, detect::RuleVariant variant) {
  model::InputNames inputs;
  model::Coverage coverage;
  const detect::SpoolOptions in_memory{.memory_limit = std::size_t{1} << 30U, .make_file = {}};
  detect::WindowsEvaluator evaluator{
      {.variant = variant, .input_zone = {}, .keep_records = true, .spool = in_memory},
      inputs,
      coverage};
  Services services{evaluator};
  for (const std::string_view name : {"one", "other"}) {
    const model::InputId input = inputs.intern(name);
    evaluator.input_done(input, windows::read_xml(in_pieces(bytes, bytes.size() + 1),
                                                  {input, std::string{name}}, {}, services));
  }
  std::uint64_t objects = 0;
  const model::Status whole = evaluator.finish([&](const model::Finding& finding) {
    ++objects;
    require(finding.windows.has_value() && finding.evidence.size() == 2, "an object is whole");
    require(finding.predicates.size() >= 8, "an object explains itself");
  });
  require(whole.has_value(), "memory does not fail");
  require(objects <= services.count, "a service gets one object at most");
}

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  krbtrail::fuzz::evaluate(bytes, krbtrail::detect::RuleVariant::v214);
  krbtrail::fuzz::evaluate(bytes, krbtrail::detect::RuleVariant::pre2025);
  return 0;
}
