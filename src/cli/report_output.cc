// SPDX-License-Identifier: Apache-2.0
#include "cli/report_output.h"

#include <cstdlib>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "krbtrail/model/timestamp.h"
#include "krbtrail/report/csv.h"
#include "krbtrail/report/html.h"
#include "krbtrail/report/interchange.h"
#include "krbtrail/report/ndjson.h"
#include "krbtrail/report/spill.h"

namespace krbtrail::cli {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

bool is_regular_or_absent(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode);
}

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat left {};
  struct stat right {};
  return stat(one.c_str(), &left) == 0 && stat(other.c_str(), &right) == 0 &&
         left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

std::unique_ptr<report::Sink> make_sink(const ReportOptions& options,
                                        std::unique_ptr<report::Delivery> delivery) {
  const report::SpillOptions spill{.directory = spill_directory()};
  switch (options.format) {
    case Format::ndjson:
      return report::make_ndjson_sink(std::move(delivery), {.stats = options.stats});
    case Format::csv:
      return report::make_csv_sink(std::move(delivery), spill);
    case Format::html:
      return report::make_html_sink(
          std::move(delivery),
          {.stats = options.stats, .zone = options.display_zone, .spill = spill});
    case Format::ecs:
      return report::make_interchange_sink(std::move(delivery), report::Interchange::ecs);
    case Format::ocsf:
      return report::make_interchange_sink(std::move(delivery), report::Interchange::ocsf);
    case Format::timesketch:
      return report::make_interchange_sink(std::move(delivery), report::Interchange::timesketch);
    case Format::timesketch_csv:
      return report::make_interchange_sink(std::move(delivery),
                                           report::Interchange::timesketch_csv);
    case Format::sentinel:
      return report::make_interchange_sink(std::move(delivery), report::Interchange::sentinel);
    case Format::text:
      break;
  }
  const bool terminal = options.output.empty() && isatty(STDOUT_FILENO) == 1;
  const bool color =
      report::wants_color(options.color, terminal, environment("NO_COLOR"), environment("TERM"));
  return report::make_text_sink(
      std::move(delivery),
      {.color = color, .stats = options.stats, .zone = options.display_zone, .spill = spill});
}

}  // namespace

model::Result<ReportOptions> read_report_options(const Arguments& arguments) {
  ReportOptions options;
  options.format = as_enum<Format>(*arguments.value("format"), kFormats);
  options.output = std::string{arguments.value("output").value_or("")};
  options.stats = arguments.has("stats");
  options.color = as_enum<report::Color>(*arguments.value("color"), kWhens);
  if (options.output.empty() && arguments.has("output"))
    return model::Error{.message = "--output is empty", .hint = "- is standard output"};
  if (options.output == "-")
    options.output.clear();
  const bool is_for_people = options.format == Format::text || options.format == Format::html;
  if (arguments.has("display-zone") && !is_for_people)
    return model::Error{.message = "--display-zone is for --format text and html only", .hint = ""};
  const auto zone = model::parse_zone(*arguments.value("display-zone"));
  if (!zone)
    return about_option("display-zone", zone.error());
  options.display_zone = zone.value();
  return options;
}

std::string spill_directory() {
  std::string directory = environment("TMPDIR");
  return directory.empty() ? "/tmp" : directory;
}

void allow_output(const ReportOptions& options, SandboxPaths& paths) {
  paths.writable_directories.push_back(spill_directory());
  if (options.output.empty())
    return;
  if (is_regular_or_absent(options.output))
    paths.writable_directories.push_back(report::directory_of_delivery(options.output));
  else
    paths.writable_files.push_back(options.output);
}

bool would_replace(const ReportOptions& options, const std::string& path) {
  return !options.output.empty() && is_regular_or_absent(options.output) &&
         is_same_file(options.output, path);
}

model::Result<std::unique_ptr<report::Delivery>> open_delivery(const ReportOptions& options) {
  if (options.output.empty())
    return report::deliver_to_descriptor(STDOUT_FILENO, "standard output");
  return report::deliver_to_file(options.output);
}

model::Result<std::unique_ptr<report::Sink>> open_report(const ReportOptions& options) {
  model::Result<std::unique_ptr<report::Delivery>> delivery = open_delivery(options);
  if (!delivery)
    return delivery.error();
  return make_sink(options, std::move(delivery.value()));
}

}  // namespace krbtrail::cli
