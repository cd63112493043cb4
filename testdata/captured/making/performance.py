# SPDX-License-Identifier: Apache-2.0
"""A capture inside its namespaces: the private host, auditd, and the steps.

Steps are performed one after the other, or many at once in lanes. A lane has people of its own:
where steps.toml says alice and 1000, lane 7 has alice07 and 10070, so that the lanes' caches lie
side by side in one /tmp and only their owners' numbers tell them apart.
"""

import glob
import json
import os
import re
import subprocess
import traceback
import zlib
from pathlib import Path

import audit_service
import performer
import private_host
import services
import state as capture_state

LANES_AT_ONCE = 12
PLAN = private_host.WORK / "plan.json"
PERFORMED = private_host.WORK / "performed.json"
END_OF_NOISE = Path("/tmp/.end_of_noise")
DEFAULTS = {
    "prepare": [{"login": "alice", "commands": ["kinit"]}],
    "tickets": ["/tmp/krb5cc_1000"],
}


def capture_inside():
    """Perform the plan and leave what was performed, and auditd's log, in the work folder."""
    plan = json.loads(PLAN.read_text())
    plan["steps"] = [{**DEFAULTS, **step} for step in plan["steps"]]
    state = capture_state.State(capture_state.INSIDE)
    state.note_process("performer", os.getpid())
    lanes = plan["lanes"]
    if lanes:
        private_host.use_lanes(len(plan["steps"]) + len(plan["noise"]))
    private_host.build(plan["tmp"])
    services.start_all(state)
    private_host.empty()
    audit_service.start(state, private_host.WORK / "audit", plan["log_format"], lanes)
    try:
        performed = perform_in_lanes(plan) if lanes else perform_in_turn(plan["steps"])
    finally:
        audit_service.stop(state)
        state.end_processes(but="performer")
    PERFORMED.write_text(json.dumps(performed))


def perform_in_turn(steps):
    """Each step on an emptied host."""
    performed = {}
    for step in steps:
        print(f"  {step['name']}", flush=True)
        private_host.empty()
        performed[step["name"]] = perform_step(step)
    return performed


def perform_in_lanes(plan):
    """All steps at once, a dozen at a time, among noise that lasts as long as they do."""
    noise = [in_lane(script, lane) for lane, script in enumerate(plan["noise"])]
    mixed = sorted(plan["steps"], key=lambda step: zlib.crc32(step["name"].encode()))
    steps = [in_lane(step, len(noise) + number) for number, step in enumerate(mixed)]
    noisy = {_fork_lane(script): script["name"] for script in noise}
    running = {}
    for step in steps:
        if len(running) == LANES_AT_ONCE:
            _collect_one(running)
        running[_fork_lane(step)] = step["name"]
    while running:
        _collect_one(running)
    END_OF_NOISE.touch()
    while noisy:
        _collect_one(noisy)
    return {script["name"]: _lane_result(script) for script in (*noise, *steps)}


def in_lane(script, lane):
    """The script with the lane's people in place of alice, 1000 and the others."""
    people = {user.name: private_host.in_lane(user, lane) for user in private_host.PEOPLE}
    numbers = {str(user.uid): private_host.in_lane(user, lane) for user in private_host.PEOPLE}
    text = json.dumps(script)
    names_pattern = rf"\b({'|'.join(people)})\b"
    numbers_pattern = rf"(?<!\d)({'|'.join(numbers)})(?!\d)"
    text = re.sub(names_pattern, lambda match: people[match[1]].name, text)
    text = re.sub(numbers_pattern, lambda match: str(numbers[match[1]].uid), text)
    return {**json.loads(text), "name": script["name"]}


def perform_step(step):
    """Arrange, prepare, act, and what comes later. Returns the sessions and the tickets' inodes."""
    sessions = _perform_sessions("prepare", step["prepare"])
    _arrange(step.get("arrange", []))
    tickets = _ticket_identities(step["tickets"])
    acting = {key: step[key] for key in ("login", "run_as", "terminal", "commands") if key in step}
    sessions += _perform_sessions("act", [acting])
    sessions += _perform_sessions("later", step.get("later", []))
    _arrange(step.get("clean", []))
    return {"sessions": sessions, "tickets": tickets}


def _fork_lane(script):
    pid = os.fork()
    if pid == 0:
        performer.die_with_parent()
        try:
            _result_file(script).write_text(json.dumps(perform_step(script)))
            os._exit(0)
        except Exception:
            traceback.print_exc()
            os._exit(1)
    return pid


def _collect_one(running):
    pid, status = os.waitpid(-1, 0)
    while pid not in running:
        pid, status = os.waitpid(-1, 0)
    name = running.pop(pid)
    if status:
        raise RuntimeError(f"{name} failed in its lane")


def _result_file(script):
    return private_host.WORK / f"{script['name']}.json"


def _lane_result(script):
    """What a lane performed, with the names and numbers it really used."""
    used = {key: script[key] for key in ("kind", "copies", "tools") if key in script}
    return {**json.loads(_result_file(script).read_text()), "script": used}


def _arrange(lines):
    environment = {**os.environ, "PROGRAMS": str(private_host.PROGRAMS)}
    for line in lines:
        subprocess.run(
            ["bash", "-ec", line], env=environment, check=True, stdout=subprocess.DEVNULL
        )


def _ticket_identities(patterns):
    """{path: [device as audit prints it, inode]}.

    The device is the folder's: on an overlay a file reports a device that audit never names.
    """
    identities = {}
    for path in (match for pattern in patterns for match in sorted(glob.glob(pattern))):
        device = os.stat(os.path.dirname(path)).st_dev
        named = f"{os.major(device):02x}:{os.minor(device):02x}"
        identities[path] = [named, os.stat(path).st_ino]
    return identities


def _perform_sessions(part, descriptions):
    performed = []
    for description in descriptions:
        run_as = description.get("run_as", description["login"])
        terminal = description.get("terminal", True)
        session = performer.Session(description["login"], run_as, terminal)
        results = session.perform(description["commands"])
        performed.append(_session_summary(part, session, terminal, results))
    return performed


def _session_summary(part, session, terminal, results):
    return {
        "ses": session.ses,
        "part": part,
        "login": session.login.name,
        "auid": session.login.uid,
        "run_as": session.run_as.name,
        "uid": session.run_as.uid,
        "terminal": terminal,
        "commands": results,
    }
