#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds NDJSON against the schema: validate_ndjson.py SCHEMA [--samples] (FILE... | -- COMMAND...)

Fails on the first line that is not valid, and if there is no line at all. With --samples the input
must moreover use every key that the schema knows, and an unknown key must be refused wherever there
is an object: a schema that lets everything pass, or knows keys that nobody writes, is found out.
"""
import json
import subprocess
import sys

import jsonschema  # Debian: python3-jsonschema. Without it this test fails, it is not skipped.


def fail(message):
    sys.exit(f"validate_ndjson.py: {message}")


def lines_of(sources):
    if sources[0] == "--":
        run = subprocess.run(sources[1:], stdout=subprocess.PIPE, check=True)
        yield from run.stdout.split(b"\n")[:-1]
        if not run.stdout.endswith(b"\n"):
            fail("the last line has no end")
        return
    for source in sources:
        with open(source, "rb") as file:
            yield from file.read().splitlines()


def refuse_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        fail(f"a key stands twice: {keys}")
    return dict(pairs)


def parse(line):
    text = line.decode("utf-8", "strict")
    if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in text):
        fail(f"a raw control character: {text!r}")
    return json.loads(text, object_pairs_hook=refuse_duplicates)


def validate(validator, value):
    errors = sorted(validator.iter_errors(value), key=lambda error: list(error.path))
    if errors:
        best = jsonschema.exceptions.best_match(errors)
        fail(f"{json.dumps(value)[:200]}…\n  at {list(best.absolute_path)}: {best.message}")


def definition_of(value):
    kind = value["type"]
    if kind == "coverage":
        return "host_coverage" if "host" in value else "coverage"
    return "finding" if kind in ("finding", "near_miss", "indeterminate") else kind


def objects_in(schema, name, value):
    """Yields (definition, object) for the object and every defined object inside it."""
    yield name, value
    for key, inner in value.items():
        spec = schema["$defs"][name]["properties"][key]
        target = spec.get("items", spec).get("$ref", "").rpartition("/")[2]
        if target and schema["$defs"][target].get("type") == "object":
            for item in inner if isinstance(inner, list) else [inner]:
                yield from objects_in(schema, target, item)


def check_samples(schema, validator, values):
    unused = {(name, key) for name, spec in schema["$defs"].items()
              for key in spec.get("properties", ())}
    tried = set()
    for value in values:
        for name, inner in objects_in(schema, definition_of(value), value):
            unused -= {(name, key) for key in inner}
            if name in tried:
                continue
            tried.add(name)
            inner["a key that no schema knows"] = 1
            if validator.is_valid(value):
                fail(f"an unknown key in {name} is let pass")
            del inner["a key that no schema knows"]
    if unused:
        fail(f"no sample has {sorted(unused)}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    sources = sys.argv[2:]
    samples = sources[0] == "--samples"
    values = [parse(line) for line in lines_of(sources[1:] if samples else sources)]
    if not values:
        fail("there is not a single line")
    for value in values:
        validate(validator, value)
    if samples:
        check_samples(schema, validator, values)
    print(f"{len(values)} lines are valid")


main()
