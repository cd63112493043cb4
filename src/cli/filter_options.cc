// SPDX-License-Identifier: Apache-2.0
#include "cli/filter_options.h"

#include <optional>

#include "krbtrail/model/finding.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::cli {

namespace {

model::Result<std::optional<model::Timestamp>> instant(const Arguments& arguments,
                                                       std::string_view name) {
  const auto text = arguments.value(name);
  if (!text)
    return std::optional<model::Timestamp>{};
  const model::Result<model::Timestamp> time = model::parse_timestamp(*text);
  if (!time)
    return about_option(name, time.error());
  return std::optional{time.value()};
}

}  // namespace

model::Result<FindingFilter> read_filter(const Arguments& arguments) {
  const auto since = instant(arguments, "since");
  if (!since)
    return since.error();
  const auto until = instant(arguments, "until");
  if (!until)
    return until.error();
  const FindingFilter filter{
      .since = since.value(),
      .until = until.value(),
      .hosts = arguments.values("host"),
      .min_severity = *model::parse_severity(*arguments.value("min-severity")),
      .shows_suppressed = arguments.has("show-suppressed")};
  if (filter.since && filter.until && *filter.until <= *filter.since)
    return model::Error{.message = "--until must be later than --since", .hint = ""};
  return filter;
}

}  // namespace krbtrail::cli
