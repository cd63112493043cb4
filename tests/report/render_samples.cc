// SPDX-License-Identifier: Apache-2.0
//
// Prints objects with everything set and with nothing set: render_samples FORMAT [color].
// tests/report/validate_ndjson.py and interchange_test.py hold them against what the formats want.
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "krbtrail/report/csv.h"
#include "krbtrail/report/delivery.h"
#include "krbtrail/report/html.h"
#include "krbtrail/report/interchange.h"
#include "krbtrail/report/json_lines.h"
#include "krbtrail/report/ndjson.h"
#include "krbtrail/report/text.h"
#include "report/samples.h"
#include "support/nasty_strings.h"

namespace {

using namespace krbtrail;

std::unique_ptr<report::Sink> sink_for(std::string_view format, bool color) {
  auto delivery = report::deliver_to_descriptor(STDOUT_FILENO, "standard output");
  if (format == "csv")
    return report::make_csv_sink(std::move(delivery), {});
  if (format == "html")
    return report::make_html_sink(std::move(delivery), {.stats = true, .zone = {}, .spill = {}});
  constexpr std::array<std::string_view, 5> kInterchange = {"ecs", "ocsf", "timesketch",
                                                            "timesketch-csv", "sentinel"};
  if (const auto* found = std::ranges::find(kInterchange, format); found != kInterchange.end())
    return report::make_interchange_sink(
        std::move(delivery), static_cast<report::Interchange>(found - kInterchange.begin()));
  if (format == "text")
    return report::make_text_sink(std::move(delivery),
                                  {.color = color, .stats = true, .zone = {}, .spill = {}});
  return report::make_ndjson_sink(std::move(delivery), {.stats = true, .flush_each = false});
}

// A finding whose every text is hostile.
model::Finding nasty_finding() {
  std::string all;
  for (const auto& nasty : test::kNastyStrings)
    all += nasty.bytes;
  model::Finding finding = test::full_linux_finding();
  finding.host = all;
  finding.title = all;
  finding.account.name = all;
  finding.process->command_line = all;
  finding.process->exe = all;
  finding.file->path = all;
  finding.reasons.front().text = all;
  finding.audit_keys = {all};
  finding.evidence.front().input = all;
  return finding;
}

std::vector<model::Finding> findings() {
  model::Finding indeterminate = test::full_windows_finding();
  indeterminate.verdict = model::Verdict::indeterminate;
  indeterminate.windows->logon.reset();
  indeterminate.windows->span.reset();
  model::Finding empty_pair;
  empty_pair.verdict = model::Verdict::near_miss;
  empty_pair.windows.emplace();
  empty_pair.windows->logon.emplace();
  empty_pair.windows->variant = "v214";
  // Nothing but what a finding cannot be without.
  model::Finding empty;
  empty.id = empty_pair.id = "0000000000000000";
  return {test::theft(),
          test::full_linux_finding(),
          test::full_windows_finding(),
          indeterminate,
          nasty_finding(),
          empty,
          empty_pair};
}

model::Status render(report::Sink& sink) {
  for (const model::Finding& finding : findings()) {
    if (model::Status pushed = sink.push(finding); !pushed)
      return pushed;
  }
  model::Incident empty;
  empty.id = "0000000000000000";
  for (const model::Incident& incident : {test::full_incident(), empty}) {
    if (model::Status pushed = sink.push(incident); !pushed)
      return pushed;
  }
  model::Coverage coverage = test::full_coverage();
  coverage.hosts.emplace_back();
  coverage.inputs.emplace_back();
  for (const auto& nasty : test::kNastyStrings)
    coverage.notes.emplace_back(nasty.bytes);
  return sink.close(coverage, test::full_summary());
}

// What only `live` writes.
void print_heartbeats() {
  model::Heartbeat heartbeat;
  std::puts(report::json_line(heartbeat).c_str());
  for (const auto& nasty : test::kNastyStrings)
    heartbeat.host += nasty.bytes;
  heartbeat.outputs = {{.name = heartbeat.host, .written = 3, .waiting = 2, .lost = 1}};
  heartbeat.state = heartbeat.host;
  heartbeat.confinement = {heartbeat.host};
  std::puts(report::json_line(heartbeat).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv, argv + argc);
  const bool color = words.size() > 2 && words[2] == "color";
  const auto sink = sink_for(words.size() > 1 ? words[1] : "ndjson", color);
  const model::Status status = render(*sink);
  if (words.size() < 2 || words[1] == "ndjson")
    print_heartbeats();
  if (!status)
    std::fprintf(stderr, "render_samples: error: %s\n", status.error().message.c_str());
  return status ? 0 : 4;
}
