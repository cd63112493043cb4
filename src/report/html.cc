// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/html.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "report/finding_order.h"
#include "report/html_coverage.h"
#include "report/html_finding.h"
#include "report/html_incident.h"
#include "report/html_style.h"
#include "report/html_writer.h"
#include "report/incident_sketch.h"
#include "report/sorted_spill.h"
#include "report/totals.h"

namespace krbtrail::report {
namespace {

using model::Status;

constexpr std::size_t kMostIncidents = 200;
constexpr std::uint64_t kMostOfIncident = 50;
constexpr std::size_t kMostBytesOfIncident = std::size_t{4} << 20U;
constexpr std::size_t kMostSketches = 256;  // more than the page shows
constexpr std::size_t kMostBytes = std::size_t{32} << 20U;
constexpr std::array<std::uint64_t, 4> kMostOfSection = {kMostIncidents, 1'000, 500, 500};

[[nodiscard]] std::size_t index_of(Section section) {
  return static_cast<std::size_t>(static_cast<char>(section) -
                                  static_cast<char>(Section::incidents));
}

void write_heading(HtmlWriter& html, Section section) {
  switch (section) {
    case Section::incidents:
      html.markup("<section id=\"incidents\"><h2>Incidents</h2>\n");
      return;
    case Section::findings:
      html.markup("<section id=\"findings\"><h2>Findings of no incident</h2>\n");
      return;
    case Section::near_misses:
      html.markup(
          "<section id=\"near-misses\"><h2>Near misses: one step short of a finding</h2>\n");
      return;
    case Section::indeterminate:
      html.markup("<section id=\"undecided\"><h2>Undecided: a condition could not be read</h2>\n");
      return;
  }
}

// What lies in the spill: the place in the document, its length before it, and the HTML.
struct Part {
  std::string_view order;
  std::string_view html;
};

[[nodiscard]] std::string packed(std::string_view order, std::string_view html) {
  std::string bytes = std::to_string(order.size());
  bytes += ' ';
  bytes += order;
  bytes += html;
  return bytes;
}

[[nodiscard]] Part unpacked(std::string_view bytes) {
  std::size_t length = 0;
  std::size_t digits = 0;
  for (; bytes[digits] != ' '; ++digits)
    length = length * 10 + static_cast<std::size_t>(bytes[digits] - '0');
  return {.order = bytes.substr(digits + 1, length), .html = bytes.substr(digits + 1 + length)};
}

// Findings come before the incident that they belong to, and incidents are sorted by what is only
// known at their end. So parts_ brings the parts of an incident together, by its id, and stories_
// brings the stories into their order.
class HtmlSink : public Sink {
 public:
  HtmlSink(std::unique_ptr<Delivery> delivery, const HtmlOptions& options)
      : delivery_(std::move(delivery)),
        options_(options),
        parts_(options.spill),
        stories_(options.spill) {}

  [[nodiscard]] Status push(const model::Finding& finding) override {
    std::string html;
    HtmlWriter writer{html};
    write_finding(writer, finding, options_.zone);
    if (!finding.incident)
      return stories_.push(most_severe_first(finding), html);
    sketch(*finding.incident, finding);
    return parts_.push(*finding.incident + '\0' + "2" + oldest_first(finding),
                       packed(most_severe_first(finding), html));
  }

  [[nodiscard]] Status push(const model::Incident& incident) override {
    const auto sketch = sketches_.find(incident.id);
    std::string html;
    HtmlWriter writer{html};
    open_incident(writer, incident, sketch == sketches_.end() ? nullptr : &sketch->second.picture,
                  options_.zone);
    if (sketch != sketches_.end())
      sketches_.erase(sketch);
    const std::string order = most_severe_first(incident);
    add_to_contents(incident, order);
    return parts_.push(incident.id + '\0' + "1", packed(order, html));
  }

  [[nodiscard]] Status close(const model::Coverage& coverage,
                             const model::Summary& summary) override {
    Status status = parts_.drain(
        [this](std::string_view key, std::string_view body) { return take_part(key, body); });
    if (status)
      status = end_story();
    if (status)
      status = write_head(coverage, summary);
    if (status)
      status = stories_.drain(
          [this](std::string_view key, std::string_view html) { return write_story(key, html); });
    if (status)
      status = end_section();
    if (status)
      status = write_foot(coverage, summary);
    return status ? delivery_->finish() : status;
  }

 private:
  struct Sketch {
    IncidentSketch picture;
    model::Severity worst = model::Severity::info;
    std::uint64_t age = 0;  // when it was begun: the lowest is the oldest
  };

  // The story that is put together.
  struct Story {
    std::string id;
    std::string order;
    std::string html;
    std::uint64_t findings = 0;
    std::uint64_t left_out = 0;
  };

  void sketch(const std::string& incident, const model::Finding& finding) {
    Sketch& sketch = sketch_of(incident);
    sketch.picture.add(finding);
    sketch.worst = std::max(sketch.worst, finding.severity);
  }

  Sketch& sketch_of(const std::string& incident) {
    if (const auto known = sketches_.find(incident); known != sketches_.end())
      return known->second;
    if (sketches_.size() == kMostSketches)
      drop_least();
    Sketch& made = sketches_[incident];
    made.age = ++sketches_begun_;
    return made;
  }

  // The least severe, whose incident is the first that the page has no room for; of several the
  // oldest.
  void drop_least() {
    sketches_.erase(std::ranges::min_element(sketches_, {}, [](const auto& entry) {
      return std::pair{entry.second.worst, entry.second.age};
    }));
  }

  void add_to_contents(const model::Incident& incident, const std::string& order) {
    std::string row;
    HtmlWriter writer{row};
    write_contents_row(writer, incident, options_.zone);
    contents_[order] = std::move(row);
    if (contents_.size() > kMostIncidents)
      contents_.erase(std::prev(contents_.end()));
  }

  [[nodiscard]] Status take_part(std::string_view key, std::string_view body) {
    const std::size_t id_length = key.find('\0');
    const std::string_view id = key.substr(0, id_length);
    const Part part = unpacked(body);
    if (key[id_length + 1] == '1') {
      Status ended = end_story();
      story_ = Story{
          .id = std::string{id}, .order = std::string{part.order}, .html = std::string{part.html}};
      return ended;
    }
    if (!story_ || story_->id != id)
      return stories_.push(part.order, part.html);
    const bool has_room = story_->findings < kMostOfIncident &&
                          story_->html.size() + part.html.size() <= kMostBytesOfIncident;
    if (has_room) {
      ++story_->findings;
      story_->html += part.html;
    } else {
      ++story_->left_out;
    }
    return {};
  }

  [[nodiscard]] Status end_story() {
    if (!story_)
      return {};
    HtmlWriter writer{story_->html};
    close_incident(writer, story_->left_out);
    Status status = stories_.push(story_->order, story_->html);
    story_.reset();
    return status;
  }

  [[nodiscard]] Status write_head(const model::Coverage& coverage, const model::Summary& summary) {
    std::string head;
    HtmlWriter html{head};
    html.markup("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    html.markup("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    html.markup("style-src 'sha256-").markup(kStyleHash).markup("'; ");
    html.markup("base-uri 'none'; form-action 'none'\">\n");
    html.markup("<meta name=\"referrer\" content=\"no-referrer\">");
    html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    html.markup("<meta name=\"color-scheme\" content=\"light dark\">\n<title>krbtrail: ");
    html.text(findings_in_words(summary)).markup("</title>\n<style>").markup(kStyle);
    html.markup(
        "</style></head>\n<body><a class=\"skip\" href=\"#main\">Skip to the findings</a>\n");
    write_result(html, coverage, summary, options_.zone);
    write_contents(html, summary);
    html.markup("<main id=\"main\">\n");
    return delivery_->write(head);
  }

  void write_contents(HtmlWriter& html, const model::Summary& summary) {
    if (contents_.empty())
      return;
    html.markup(
        "<nav aria-label=\"Incidents\"><table class=\"contents\"><thead><tr><th>Severity</th>");
    html.markup("<th>When</th><th>Host</th><th>What</th><th>Who</th><th>Ticket</th>");
    html.markup("<th>Copies</th><th>Users</th></tr></thead><tbody>\n");
    for (const auto& [order, row] : contents_)
      html.written(row);
    html.markup("</tbody></table>\n");
    if (summary.incidents > contents_.size())
      html.markup("<p class=\"note\">The most severe of ")
          .text(counted(summary.incidents, "incident", "incidents"))
          .markup("; all are in the NDJSON output.</p>\n");
    html.markup("</nav>\n");
  }

  [[nodiscard]] Status write_story(std::string_view key, std::string_view html) {
    const auto section = static_cast<Section>(key.front());
    if (!section_ || *section_ != section) {
      Status ended = end_section();
      if (!ended)
        return ended;
      std::string heading;
      HtmlWriter writer{heading};
      write_heading(writer, section);
      section_ = section;
      if (Status written = delivery_->write(heading); !written)
        return written;
    }
    bytes_ += html.size();
    if (++in_section_ > kMostOfSection[index_of(section)] || bytes_ > kMostBytes) {
      ++left_out_;
      return {};
    }
    return delivery_->write(html);
  }

  [[nodiscard]] Status end_section() {
    if (!section_)
      return {};
    std::string end;
    HtmlWriter html{end};
    if (left_out_ != 0)
      html.markup("<p class=\"note\">Not shown here: ")
          .text(grouped(left_out_))
          .markup(" more; all are in the NDJSON output.</p>\n");
    html.markup("</section>\n");
    section_.reset();
    in_section_ = 0;
    left_out_ = 0;
    return delivery_->write(end);
  }

  [[nodiscard]] Status write_foot(const model::Coverage& coverage, const model::Summary& summary) {
    std::string foot;
    HtmlWriter html{foot};
    write_coverage(html, coverage, options_.zone);
    write_accounting(html, coverage, summary, options_.stats);
    html.markup(
        "</main>\n<footer><p class=\"note\">Text of the evidence is shown escaped: \\xNN is ");
    html.markup(
        "a byte that is no printable text. krbtrail-rules(7) explains rules and scores.</p>");
    html.markup("</footer></body></html>\n");
    return delivery_->write(foot);
  }

  std::unique_ptr<Delivery> delivery_;
  HtmlOptions options_;
  SortedSpill parts_;
  SortedSpill stories_;
  std::map<std::string, Sketch> sketches_;  // by the incident's id
  std::uint64_t sketches_begun_ = 0;
  std::map<std::string, std::string> contents_;  // rows of the most severe incidents, by order
  std::optional<Story> story_;
  std::optional<Section> section_;  // that is open in the page
  std::uint64_t in_section_ = 0;
  std::uint64_t left_out_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<Sink> make_html_sink(std::unique_ptr<Delivery> delivery,
                                     const HtmlOptions& options) {
  return std::make_unique<HtmlSink>(std::move(delivery), options);
}

}  // namespace krbtrail::report
