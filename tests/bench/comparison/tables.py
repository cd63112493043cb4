# SPDX-License-Identifier: Apache-2.0
"""Tables as Markdown that reads well on a terminal too, and their places in a document."""

import re


def table(head, rows):
    """Lines of a Markdown table, its columns padded; all but the first are aligned right."""
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    rule = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
    return [_line(row, widths) for row in [cells[0], rule, *cells[1:]]]


def _line(row, widths):
    padded = [row[0].ljust(widths[0])]
    padded += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
    return "| " + " | ".join(padded) + " |"


def figure(number):
    """Three significant digits and no exponent."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def replace_section(path, name, lines):
    """Puts the lines between `<!-- NAME -->` and `<!-- /NAME -->` of a document."""
    text = path.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.S)
    if not pattern.search(text):
        raise ValueError(f"{path}: no section <!-- {name} -->")
    body = "\n".join(["", *lines, ""]) + "\n"
    path.write_text(
        pattern.sub(lambda match: match[1] + body + match[2], text), encoding="utf-8"
    )
