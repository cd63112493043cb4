// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/text.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "report/coverage_text.h"
#include "report/finding_order.h"
#include "report/finding_text.h"
#include "report/page.h"
#include "report/sorted_spill.h"
#include "report/totals.h"

namespace krbtrail::report {
namespace {

using model::Status;

class TextSink : public Sink {
 public:
  TextSink(std::unique_ptr<Delivery> delivery, const TextOptions& options)
      : delivery_(std::move(delivery)), options_(options), stories_(options.spill) {}

  [[nodiscard]] Status push(const model::Finding& finding) override {
    std::string story;
    Page page{story, options_.color};
    write_finding(page, finding, options_.zone);
    return add(section_of(finding), most_severe_first(finding), story);
  }

  [[nodiscard]] Status push(const model::Incident& incident) override {
    std::string story;
    Page page{story, options_.color};
    write_incident(page, incident, options_.zone);
    return add(Section::incidents, most_severe_first(incident), story);
  }

  [[nodiscard]] Status close(const model::Coverage& coverage,
                             const model::Summary& summary) override {
    Status status = stories_.drain([this](std::string_view key, std::string_view story) -> Status {
      Status headed = head_section(static_cast<Section>(key.front()));
      return headed ? delivery_->write(story) : headed;
    });
    if (status)
      status = write_end(coverage, summary);
    return status ? delivery_->finish() : status;
  }

 private:
  [[nodiscard]] Status add(Section section, const std::string& key, const std::string& story) {
    ++counts_[index_of(section)];
    return stories_.push(key, story);
  }

  // Once for each section, before its first story.
  [[nodiscard]] Status head_section(Section section) {
    const std::uint64_t count = std::exchange(counts_[index_of(section)], 0);
    if (count == 0)
      return {};
    std::string heading;
    Page{heading, options_.color}.heading(title_of(section, count));
    return delivery_->write(heading);
  }

  [[nodiscard]] Status write_end(const model::Coverage& coverage, const model::Summary& summary) {
    std::string end;
    Page page{end, options_.color};
    write_coverage(page, coverage, options_.zone);
    if (options_.stats)
      write_accounting(page, coverage, summary);
    write_summary(page, coverage, summary);
    return delivery_->write(end);
  }

  [[nodiscard]] static std::size_t index_of(Section section) {
    return static_cast<std::size_t>(static_cast<char>(section) -
                                    static_cast<char>(Section::incidents));
  }

  [[nodiscard]] static std::string title_of(Section section, std::uint64_t count) {
    switch (section) {
      case Section::incidents:
        return fmt::format("INCIDENTS ({}), most severe first", grouped(count));
      case Section::findings:
        return fmt::format("FINDINGS ({}), most severe first, newest first within", grouped(count));
      case Section::near_misses:
        return fmt::format("NEAR MISSES ({}): one step short of a finding", grouped(count));
      case Section::indeterminate:
        return fmt::format("INDETERMINATE ({}): a predicate could not be read", grouped(count));
    }
    return "";
  }

  std::unique_ptr<Delivery> delivery_;
  TextOptions options_;
  SortedSpill stories_;
  std::array<std::uint64_t, 4> counts_{};  // by section, until its heading is written
};

}  // namespace

bool wants_color(Color color, bool is_terminal, std::string_view no_color, std::string_view term) {
  switch (color) {
    case Color::always:
      return true;
    case Color::never:
      return false;
    case Color::automatic:
      break;
  }
  return is_terminal && no_color.empty() && term != "dumb";
}

std::unique_ptr<Sink> make_text_sink(std::unique_ptr<Delivery> delivery,
                                     const TextOptions& options) {
  return std::make_unique<TextSink>(std::move(delivery), options);
}

}  // namespace krbtrail::report
