#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The HTML report in a browser: it is drawn, complains of nothing, asks for nothing, can be read by
everybody.

    html_test.py KRBTRAIL RENDER_SAMPLES SOURCE

Real evidence (a theft whose copy is used by another session, a relayed Windows logon) and samples whose
every text is hostile. Ends with status 77, which the test runner shows as skipped, where there is no
Chromium; the hash of the style sheet is checked before that.
"""
import base64
import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from browser import Browser, find_chromium

KRBTRAIL, RENDER_SAMPLES, SOURCE = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])

# WCAG 2.1, success criterion 1.4.3: the contrast of each piece of text with what lies behind it.
CONTRAST = """(() => {
  const part = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  const numbers = s => s.match(/[\\d.]+/g).map(Number);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = numbers(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  let worst = [99, ''];
  for (const e of document.querySelectorAll('body *:not(svg *)')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const a = light(numbers(getComputedStyle(e).color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, e.className + ': ' + e.textContent.slice(0, 40)];
  }
  return worst;
})()"""

OUTSIDE = """[...document.querySelectorAll('svg')].flatMap(svg => {
  const box = svg.viewBox.baseVal;
  return [...svg.querySelectorAll('rect, circle')].filter(shape => {
    const b = shape.getBBox();
    return b.x < 0 || b.y < 0 || b.x + b.width > box.width || b.y + b.height > box.height;
  }).map(shape => shape.outerHTML);
})"""

# Boxes of one graph that lie on each other.
OVERLAPS = """[...document.querySelectorAll('svg.trail')].reduce((sum, svg) => {
  const boxes = [...svg.querySelectorAll('rect')].map(r => r.getBBox());
  return sum + boxes.filter((a, i) => boxes.some((b, j) => i < j && a.x < b.x + b.width &&
    b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)).length;
}, 0)"""


def check_style_hash():
    header = (SOURCE / "src/report/html_style.h").read_text(encoding="utf-8")
    sheet = re.search(r'R"css\((.*)\)css"', header, re.S)[1]
    wanted = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert f'"{wanted}"' in header, f"kStyleHash must be {wanted}: the style sheet has changed"


class InTheBrowser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="krbtrail-html-")
        cls.pages = {}
        for name, inputs in {
                "theft": ["testdata/captured/raw/a18-use-by-other-session.log"],
                "windows": ["testdata/windows/relayed_logon.xml"],
                "all": ["testdata/captured/raw"]}.items():
            path = pathlib.Path(cls.folder.name) / f"{name}.html"
            subprocess.run([KRBTRAIL, "scan", "--format", "html", "--evidence", "-o", path, *inputs],
                           cwd=SOURCE, check=False, stderr=subprocess.DEVNULL)
            cls.pages[name] = path.as_uri()
        path = pathlib.Path(cls.folder.name) / "hostile.html"
        with open(path, "wb") as file:
            subprocess.run([RENDER_SAMPLES, "html"], stdout=file, check=True)
        cls.pages["hostile"] = path.as_uri()
        cls.browser = Browser(CHROMIUM)

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.folder.cleanup()

    def check_quiet(self, page, address):
        page.value("document.title")
        self.assertEqual(page.requests, [address])
        self.assertEqual(page.complaints, [])
        self.assertEqual(page.value("document.scripts.length"), 0)
        self.assertGreater(page.value("document.styleSheets[0].cssRules.length"), 50)

    def test_nothing_but_the_page_itself_is_asked_for_and_nothing_complained_of(self):
        for name, address in self.pages.items():
            with self.subTest(name):
                self.check_quiet(self.browser.open(address), address)

    def test_markup_in_the_evidence_is_text(self):
        page = self.browser.open(self.pages["hostile"])
        self.assertEqual(page.value("document.querySelectorAll('script, img, iframe, form').length"), 0)
        handlers = """[...document.querySelectorAll('*')].filter(
            e => [...e.attributes].some(a => a.name.startsWith('on'))).length"""
        self.assertEqual(page.value(handlers), 0)
        self.assertIn("<script>alert(1)</script>", page.value("document.body.textContent"))

    def test_an_incident_answers_the_responder(self):
        page = self.browser.open(self.pages["theft"])
        text = page.value("document.querySelector('main').innerText")
        for answer in ("Suspected copy of a Kerberos ticket was opened", "/tmp/krb5cc_1000",
                       "the ticket of uid 1000", "/home/bob/.config.db",
                       "curl, uid 1002, login 1002, session 2731", "127.0.0.1:8080",
                       "high confidence in", "What could be seen, and what could not"):
            self.assertIn(answer, text)
        graph = page.value("document.querySelector('svg.trail').textContent")
        for name in ("/tmp/krb5cc_1000", "install", "/home/bob/.config.db", "kvno", "curl"):
            self.assertIn(name, graph)
        self.assertEqual(page.value("document.querySelectorAll('svg.timeline').length"), 2)
        self.assertGreater(page.value("document.querySelectorAll('div.tree li').length"), 4)

    def test_a_windows_session_is_shown_unfolded(self):
        page = self.browser.open(self.pages["windows"])
        text = page.value("document.querySelector('main').innerText")
        for answer in ("4624 logon", "4697 service installed", "KrbSCM", "854 ms", "escalate", "11 hold",
                       "special privileges assigned"):
            self.assertIn(answer, text)

    def test_nothing_is_drawn_outside_or_over_another_box(self):
        for name, address in self.pages.items():
            with self.subTest(name):
                page = self.browser.open(address)
                self.assertEqual(page.value(OUTSIDE), [])
                self.assertEqual(page.value(OVERLAPS), 0)

    def test_it_can_be_read_in_light_and_dark(self):
        for name in ("theft", "windows", "hostile"):
            for scheme in ("light", "dark"):
                with self.subTest(name=name, scheme=scheme):
                    page = self.browser.open(self.pages[name], scheme=scheme)
                    ratio, where = page.value(CONTRAST)
                    self.assertGreaterEqual(ratio, 4.5, where)
        dark = self.browser.open(self.pages["theft"], scheme="dark")
        self.assertEqual(dark.value("getComputedStyle(document.body).backgroundColor"), "rgb(18, 22, 27)")

    def test_a_narrow_window_does_not_scroll_sideways(self):
        for name in ("theft", "windows", "hostile"):
            for width in (640, 360):
                with self.subTest(name=name, width=width):
                    page = self.browser.open(self.pages[name], width=width)
                    self.assertLessEqual(page.value("document.documentElement.scrollWidth"), width)

    def test_print_shows_what_the_screen_folds(self):
        hidden = "document.querySelector('.finding pre').checkVisibility({contentVisibilityAuto: true})"
        self.assertFalse(self.browser.open(self.pages["theft"]).value(hidden))
        page = self.browser.open(self.pages["theft"], scheme="dark", media="print")
        self.assertTrue(page.value(hidden))
        self.assertEqual(page.value("getComputedStyle(document.body).color"), "rgb(26, 31, 38)")
        self.assertGreater(len(page.pdf()), 10_000)

    def test_the_keyboard_reaches_and_unfolds_a_finding(self):
        page = self.browser.open(self.pages["theft"])
        page.press("Tab")
        self.assertEqual(page.value("document.activeElement.className"), "skip")
        for _ in range(40):
            if page.value("document.activeElement.parentElement.className") == "finding":
                break
            page.press("Tab")
        self.assertFalse(page.value("document.activeElement.parentElement.open"))
        page.press("Enter")
        self.assertTrue(page.value("document.activeElement.parentElement.open"))

    def test_each_link_leads_somewhere(self):
        page = self.browser.open(self.pages["all"])
        dead = """[...document.querySelectorAll('a')].filter(
            a => !document.getElementById(decodeURIComponent(a.hash.slice(1)))).map(a => a.outerHTML)"""
        self.assertEqual(page.value(dead), [])


check_style_hash()
CHROMIUM = find_chromium()
if CHROMIUM is None:
    print("skipped: there is no chromium here to draw the page with; scripts/install_packages check brings it")
    sys.exit(77)
unittest.main(argv=sys.argv[:1])
