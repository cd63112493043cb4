# SPDX-License-Identifier: Apache-2.0
"""Writes the shipped evidence: logs and the truth about them."""

import json
import shutil

import packages
import truth
from records import read_events

FORMATS = ("raw", "enriched")


def write_separate(output, steps, captures):
    """One small log a step and format under `output`, and the truth about all of them."""
    entries = {step["name"]: step_entry(step) for step in steps}
    for name, (performed, lines) in captures.items():
        folder = output / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        truth.add_opened_sessions(performed, lines, truth.step_by_order(performed))
        by_step = truth.split_log(lines, truth.owners(performed))
        for step in steps:
            step_name, entry = step["name"], entries[step["name"]]
            write_log(folder / f"{step_name}.log", by_step[step_name])
            log = f"{name}/{step_name}.log"
            entry[name] = truth_of(step, log, performed[step_name], by_step[step_name])
    write_truth(output, list(entries.values()))


def write_interleaved(output, steps, captures):
    """auditd's whole log a format, from its start to its end, and the truth about the steps."""
    output.mkdir(parents=True, exist_ok=True)
    entries = {step["name"]: step_entry(step) for step in steps}
    for name, (performed, lines) in captures.items():
        truth.add_opened_sessions(performed, lines, truth.step_by_login(performed))
        write_log(output / f"{name}.log", lines)
        facts = {step["name"]: performed[step["name"]] for step in steps}
        for step_name, derived in truths_of(f"{name}.log", facts, lines).items():
            entries[step_name][name] = derived
    write_truth(output, list(entries.values()))


def derive_again(output, steps):
    """The truth anew, from the shipped logs and from what truth.json says was performed."""
    described = {step["name"]: step for step in steps}
    document = json.loads((output / "truth.json").read_text())
    entries = []
    for old in document["steps"]:
        step = described[old["name"]]
        entry = step_entry(step)
        for name in FORMATS:
            lines = read_log(output / old[name]["log"])
            entry[name] = truth_of(step, old[name]["log"], old[name], lines)
        entries.append(entry)
    _replace_steps(output, document, entries)


def derive_interleaved_again(output, steps):
    """The same for a log that holds all steps."""
    described = {step["name"]: step for step in steps}
    document = json.loads((output / "truth.json").read_text())
    entries = {old["name"]: step_entry(described[old["name"]]) for old in document["steps"]}
    for name in FORMATS:
        facts = {old["name"]: old[name] for old in document["steps"]}
        lines = read_log(output / f"{name}.log")
        for step_name, derived in truths_of(f"{name}.log", facts, lines).items():
            entries[step_name][name] = derived
    _replace_steps(output, document, list(entries.values()))


def _replace_steps(output, document, entries):
    (output / "truth.json").write_text(truth.to_text({**document, "steps": entries}))


def truths_of(log, facts_by_step, lines):
    """{step: the truth about it}, for the steps of one log, each under its lane's names."""
    events = read_events(lines)
    branches = truth.seed_branches(events)
    owners = truth.owners(facts_by_step)
    found = {}
    for step_name, facts in facts_by_step.items():
        own = [event for event in events if owners.get(event.session()) == step_name]
        derived = truth.derive(facts["script"], facts, own, branches)
        found[step_name] = {"log": log, "script": facts["script"], **derived}
    return found


def truth_of(step, log, facts, lines):
    """The truth about one step's own log."""
    events = read_events(lines)
    return {"log": log, **truth.derive(step, facts, events, truth.seed_branches(events))}


def step_entry(step):
    """What is true of a step in every capture."""
    expect = {"min": step["expect"][0], "max": step["expect"][1], "why": step["why"]}
    victim = step.get("victim", "" if step.get("tickets") == [] else "alice") or None
    kept = {key: step[key] for key in ("name", "kind", "title")}
    extra = {key: step[key] for key in ("copies", "tools") if key in step}
    return {**kept, "victim": victim, **extra, "expected_severity": expect}


def write_truth(output, entries):
    """truth.json in `output`."""
    document = {"schema": 1, "made_with": packages.versions(), "steps": entries}
    (output / "truth.json").write_text(truth.to_text(document))
    print(f"wrote {len(entries)} steps to {output}", flush=True)


def write_log(path, lines):
    """The lines, byte for byte."""
    path.write_bytes("".join(lines).encode("utf-8", "surrogateescape"))


def read_log(path):
    """The log's lines; only a newline ends one, unlike splitlines(), which cuts at 0x1D too."""
    with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as log:
        return log.readlines()
