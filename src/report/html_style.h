// SPDX-License-Identifier: Apache-2.0
//
// The style sheet of the HTML report, and its SHA-256 in base64, by which the page's policy admits
// it (CSP level 3, section 2.3.1). tests/report/html_test.py says the new hash when the sheet
// has changed.
#pragma once

namespace krbtrail::report {

inline constexpr const char* kStyleHash = "TeJZOM9/O06m6ezsmRYYg7pwEcjUqc+i9bpc+Tz75cQ=";

// Colours are named by what they mean. Nothing is said by colour alone.
inline constexpr const char* kStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1a1f26; --soft: #59636e; --line: #d5dbe1; --panel: #f5f7f9;
  --link: #0a58ca; --focus: #0a58ca;
  --critical: #9d0f2b; --high: #b54708; --medium: #7a5b00; --low: #0b6472; --info: #59636e;
  --badge: #ffffff;
  --ticket: #fff3c4; --ticket-edge: #a16a00; --copy: #ffe4e1; --copy-edge: #b42318;
  --process: #e9f1ff; --process-edge: #2f66c8; --address: #f1e8ff; --address-edge: #7338c4;
  --blind: #8a2f00; --warn: #fff4e5; --warn-edge: #d98300;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --ink: #e4e8ec; --soft: #9aa5b1; --line: #333c46; --panel: #1a2027;
    --link: #79b0ff; --focus: #79b0ff;
    --critical: #ff8095; --high: #ff9f5a; --medium: #e3c04b; --low: #58c7d6; --info: #9aa5b1;
    --badge: #12161b;
    --ticket: #3a3112; --ticket-edge: #e0b64a; --copy: #431d1b; --copy-edge: #ff8a80;
    --process: #17294a; --process-edge: #7aa7ff; --address: #2d1f47; --address-edge: #c09bff;
    --blind: #ffb27a; --warn: #33260f; --warn-edge: #d98300;
  }
}
* { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 76rem;
  background: var(--page); color: var(--ink); overflow-wrap: anywhere;
}
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 .8rem; }
h3 { font-size: 1.15rem; line-height: 1.35; margin: 0; }
h4 { font-size: 1rem; margin: 1.4rem 0 .5rem; }
h5 { font-size: .9rem; margin: 1rem 0 .3rem; }
p { margin: .4rem 0; }
a { color: var(--link); }
code, pre, .name, .clock { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; }
code, pre { font-size: .87em; overflow-wrap: anywhere; direction: ltr; unicode-bidi: isolate; }
pre {
  white-space: pre-wrap; margin: .3rem 0; padding: .4rem .6rem;
  background: var(--panel); border-left: 3px solid var(--line);
}
ul { margin: 0; padding-left: 1.1rem; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; padding: .3rem .6rem; background: var(--page); }
.brand { margin: 0; color: var(--soft); font-weight: 600; letter-spacing: .02em; }
.note { color: var(--soft); font-size: .87rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0; }
.tiles div {
  border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem; background: var(--panel);
}
.tiles dt { color: var(--soft); font-size: .8rem; }
.tiles dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.banner {
  border: 1px solid var(--warn-edge); border-left-width: 6px; border-radius: 6px;
  background: var(--warn); padding: .5rem 1rem; margin: 1rem 0;
}
.badge {
  display: inline-block; border-radius: 4px; padding: .05rem .45rem; font-size: .8rem;
  font-weight: 700; color: var(--badge); background: var(--info); white-space: nowrap;
}
.badge.critical { background: var(--critical); }
.badge.high { background: var(--high); }
.badge.medium { background: var(--medium); }
.badge.low { background: var(--low); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td {
  text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere;
}
th { color: var(--soft); font-weight: 600; overflow-wrap: normal; }
.contents td:nth-child(3) { min-width: 10rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
time { white-space: nowrap; font-variant-numeric: tabular-nums; }
nav { margin-top: 1.5rem; }
.incident {
  border: 1px solid var(--line); border-radius: 8px; padding: 1.1rem 1.3rem; margin: 0 0 1.6rem;
}
.where { margin: .3rem 0 0; color: var(--soft); font-size: .9rem; }
.overview {
  display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); gap: 1.5rem;
  margin-top: .8rem;
}
.facts {
  display: grid; grid-template-columns: 7.2rem minmax(0, 1fr); gap: .3rem .9rem;
  margin: .3rem 0; align-content: start; font-size: .93rem;
}
.facts dt { color: var(--soft); }
.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.facts dd ul { list-style: none; padding: 0; }
.facts dd li + li { margin-top: .15rem; }
figure { margin: 1rem 0; }
.way { margin: 0; }
figcaption { font-weight: 600; font-size: .93rem; margin-bottom: .3rem; }
.drawing { overflow-x: auto; }
svg { display: block; max-width: 100%; height: auto; }
svg.timeline { width: 100%; min-width: 40rem; }
svg text { font-size: 11px; fill: var(--soft); }
svg .name { font-size: 12.5px; fill: var(--ink); }
.trail .node text { text-anchor: middle; }
.trail .detail { fill: var(--soft); }
.trail rect { stroke-width: 1.5; fill: var(--panel); stroke: var(--soft); }
.trail .ticket rect { fill: var(--ticket); stroke: var(--ticket-edge); stroke-width: 2.5; }
.trail .copy rect { fill: var(--copy); stroke: var(--copy-edge); stroke-width: 2.5; }
.trail .process rect { fill: var(--process); stroke: var(--process-edge); }
.trail .address rect { fill: var(--address); stroke: var(--address-edge); stroke-dasharray: 5 3; }
.trail .edge path { fill: none; stroke: var(--soft); stroke-width: 1.6; }
.trail .edge .leader { stroke-width: .7; stroke-dasharray: none; }
.trail .edge .tip { fill: var(--soft); stroke: none; }
.trail .medium path { stroke-dasharray: 7 4; }
.trail .low path { stroke-dasharray: 2 4; }
.trail .edge text { fill: var(--ink); paint-order: stroke; stroke: var(--page); stroke-width: 4px; }
.timeline line { stroke: var(--line); }
.timeline line.tick { stroke-dasharray: 2 3; }
.timeline polyline { fill: none; stroke: var(--soft); stroke-width: 1.2; opacity: .6; }
.timeline text.name { text-anchor: end; }
.timeline .clock, .timeline .pause { text-anchor: middle; }
.timeline .point circle { fill: var(--info); stroke: var(--page); stroke-width: 1.5; }
.timeline .point text { fill: var(--badge); font-size: 10px; font-weight: 700; text-anchor: middle; }
.timeline .critical circle { fill: var(--critical); }
.timeline .high circle { fill: var(--high); }
.timeline .medium circle { fill: var(--medium); }
.timeline .low circle { fill: var(--low); }
summary { cursor: pointer; }
.steps > summary, .tree > summary { font-weight: 600; margin: .8rem 0 .3rem; }
div.tree ul { list-style: none; padding-left: 1.3rem; border-left: 1px solid var(--line); }
div.tree > ul { padding-left: 0; border: 0; }
div.tree li { padding: .1rem 0; }
.command { color: var(--soft); }
.finding { border-top: 1px solid var(--line); padding: .35rem 0; }
.finding > summary .gist { display: block; margin-left: 1.1rem; color: var(--soft); }
.finding > .body { padding: .3rem 0 .8rem 1.1rem; }
.host { font-weight: 600; }
.conclusion { border-left: 4px solid var(--high); padding: .1rem .8rem; margin: .4rem 0; }
.legs { display: grid; grid-template-columns: minmax(0, 1fr) auto minmax(0, 1fr); gap: .8rem; }
.leg { border: 1px solid var(--line); border-radius: 6px; padding: .2rem .9rem .5rem; }
.leg .when { margin: 0; }
.leg .facts { grid-template-columns: 5.5rem minmax(0, 1fr); }
.span { align-self: center; text-align: center; font-weight: 600; }
.fails td, .fails th { color: var(--critical); font-weight: 600; }
.unknown td { color: var(--blind); }
.rule { margin: .6rem 0; }
.blind b { color: var(--blind); }
@media (max-width: 58rem) {
  .overview, .legs { grid-template-columns: minmax(0, 1fr); }
  .span br { display: none; }
  .contents thead, .contents td:nth-child(n+7) { display: none; }
  .contents tr { display: block; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  .contents td { display: inline-block; border: 0; padding: 0 .6rem 0 0; }
  .contents td:nth-child(3) { min-width: 0; }
}
@media (max-width: 40rem) {
  body { padding: 1rem .8rem 3rem; }
  .incident { padding: .8rem; }
  .facts, .leg .facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .facts dd { margin-bottom: .4rem; }
  .steps, .finding > .body, #coverage { overflow-x: auto; }
  .steps table, .hosts { min-width: 34rem; }
}
@media print {
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  .skip { display: none; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  summary { list-style: none; }
  .incident { border: 0; padding: 0; break-before: page; }
  figure, tr, .leg, .evidence { break-inside: avoid; }
  h2, h3, h4, h5, summary { break-after: avoid; }
  .drawing { overflow: visible; }
  svg.timeline { min-width: 0; }
  a { color: inherit; text-decoration: none; }
  .badge[class] { color: #000; background: none; border: 1px solid #000; }
  .trail rect, .timeline .point circle { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace krbtrail::report
