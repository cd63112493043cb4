#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds docs/SCHEMA.md against the schema: compare_schema_document.py SCHEMA DOCUMENT

Every object has a section, every key a row in its object's table, in the schema's order, and the
document knows no object or key that the schema does not.
"""
import json
import re
import sys


def keys_by_section(text):
    sections = {}
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        name = re.match(r"`(\w+)`", part).group(1)
        table = part.split("\n## ")[0]
        sections[name] = re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)
    return sections


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        definitions = json.load(file)["$defs"]
    with open(sys.argv[2], encoding="utf-8") as file:
        documented = keys_by_section(file.read())
    defined = {name: list(spec["properties"]) for name, spec in definitions.items()
               if "properties" in spec}
    problems = [f"{name}: the schema has {defined.get(name)}, the document {documented.get(name)}"
                for name in sorted(defined.keys() | documented.keys())
                if defined.get(name) != documented.get(name)]
    if not defined or problems:
        sys.exit("compare_schema_document.py: " + "\n".join(problems or ["the schema is empty"]))
    print(f"{len(defined)} objects, {sum(map(len, defined.values()))} keys")


main()
