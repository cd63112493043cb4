# SPDX-License-Identifier: Apache-2.0
"""Turns what was performed and the log that it left into a step's truth.

Events belong to a step by session id alone. Roles come from the (dev, inode) numbers of the ticket
and of the copies; the seed's branches from seed_reading.py.
"""

import json
import posixpath
import re

import private_host
from file_acts import attempted_identities, call_name, file_acts, succeeded
from records import argv_of, parse_line, read_events, text_of
from seed_reading import READINGS, SeedReading

WRITES = {"created", "modified"}
MOVES = {"renamed", "linked", "symlinked"}


def owners(performed):
    """{session: step}, for every session that is known to belong to one."""
    return {s["ses"]: step for step, facts in performed.items() for s in facts["sessions"]}


def split_log(lines, session_to_step):
    """{step: its lines}, whole records in the log's order, by the session of their event."""
    step_of_stamp = {
        event.stamp: session_to_step.get(event.session()) for event in read_events(lines)
    }
    by_step = {}
    for line in lines:
        record = parse_line(line)
        step = step_of_stamp[record.stamp] if record else None
        if step:
            by_step.setdefault(step, []).append(line)
    return by_step


def add_opened_sessions(performed, lines, step_of):
    """Note the sessions that the steps opened through sshd: those that nobody announced."""
    announced = owners(performed)
    for record in filter(None, map(parse_line, lines)):
        if record.type != "LOGIN" or int(record.fields["ses"]) in announced:
            continue
        ses, auid = int(record.fields["ses"]), int(record.fields["auid"])
        step = step_of(ses, auid)
        announced[ses] = step
        performed[step]["sessions"].append(_opened_session(ses, auid))


def step_by_order(performed):
    """For steps in turn: the kernel counts sessions up, so it is the last step begun before."""
    announced = owners(performed)
    return lambda ses, auid: announced[max(number for number in announced if number < ses)]


def step_by_login(performed):
    """For steps in lanes: the lane whose person it is."""
    lane_of = {
        s["auid"] // 10: step for step, facts in performed.items() for s in facts["sessions"]
    }
    return lambda ses, auid: lane_of[auid // 10]


def _opened_session(ses, auid):
    name = private_host.name_of(auid)
    return {
        "ses": ses, "part": "opened", "login": name, "auid": auid, "run_as": name, "uid": auid,
        "terminal": False, "commands": [],
    }


def seed_branches(events):
    """{stamp: {reading: [branch, ...]}} of a log read from its beginning to its end."""
    reading = SeedReading()
    return {event.stamp: reading.branches(event) for event in events}


def derive(script, performed, events, branches):
    """What the truth file says about one step in one capture; `events` are the step's own."""
    own = {event.serial: branches[event.stamp] for event in events}
    first = min(events, key=lambda event: event.serial)
    return {
        "sessions": [_session_summary(session, events) for session in performed["sessions"]],
        "tickets": performed["tickets"],
        "first_serial": first.serial,
        "last_serial": max(event.serial for event in events),
        "first_stamp": first.stamp,
        "roles": _roles(script, performed, events),
        "seed": {reading: _serials_by_branch(reading, own) for reading in READINGS},
    }


def _serials_by_branch(reading, branches):
    by_branch = {}
    for serial, found in sorted(branches.items()):
        for branch in found[reading]:
            by_branch.setdefault(branch, []).append(serial)
    return by_branch


def _session_summary(session, events):
    serials = [event.serial for event in events if event.session() == session["ses"]]
    kept = {key: value for key, value in session.items() if not key.endswith("_serial")}
    return {**kept, "first_serial": min(serials), "last_serial": max(serials)}


def _roles(step, performed, events):
    acting = {s["ses"] for s in performed["sessions"] if s["part"] != "prepare"}
    tickets = {tuple(identity) for identity in performed["tickets"].values()}
    copies = _copy_identities(step, events, tickets, acting)
    roles, pids = {}, set()
    for event in events:
        role = _file_role(event, tickets, copies) if event.session() in acting else None
        if role:
            roles[event.serial] = role
            pids.add((event.session(), _pid(event)))
    for event in events:
        if event.serial not in roles:
            roles[event.serial] = _other_role(step, event, acting, pids)
    by_role = {}
    for serial in sorted(roles):
        by_role.setdefault(roles[serial], []).append(serial)
    return by_role


def _copy_identities(step, events, tickets, acting):
    """The files that the step's copies became: by the path the step declares for them."""
    declared = [re.compile(pattern) for pattern in step.get("copies", [])]
    found = set()
    for event in events:
        if event.session() not in acting:
            continue
        for act in file_acts(event):
            path = act.path or act.name
            if act.identity and any(pattern.fullmatch(path) for pattern in declared):
                found.add(act.identity)
    return found - tickets


def _file_role(event, tickets, copies):
    for act in file_acts(event):
        if act.act == "deleted" and act.identity in tickets | copies:
            return "cleans_up"
        if act.act in MOVES and act.identity in tickets | copies:
            return "moves_ticket"
        if act.identity in tickets:
            return "reads_ticket" if act.act == "read" else "writes_ticket"
        if act.identity in copies:
            return "writes_copy" if act.act in WRITES else "uses_copy"
    return "tries_ticket" if set(attempted_identities(event)) & tickets else None


def _other_role(step, event, acting, pids):
    if event.session() not in acting:
        return "benign"
    if _is_exec(event) and ((event.session(), _pid(event)) in pids or _is_declared(step, event)):
        return "runs_tool"
    return "benign" if step["kind"] == "benign" else "other"


def _is_declared(step, event):
    """Whether the step names this program as part of the act, where no file record can say so."""
    argv = argv_of(event) or [""]
    exe = text_of(event.first("SYSCALL").fields.get("exe")) or ""
    comm = text_of(event.first("SYSCALL").fields.get("comm"))
    names = {comm, *(posixpath.basename(word) for word in (exe, *argv[:2]))}
    return bool(names & set(step.get("tools", [])))


def _is_exec(event):
    return (call_name(event) or "").startswith("exec") and succeeded(event)


def _pid(event):
    return event.first("SYSCALL").fields["pid"]


def to_text(truth):
    """JSON with one key a line, but number lists and short objects on one line."""
    text = json.dumps(truth, indent=1, ensure_ascii=True)
    text = re.sub(r"\[\s+((?:\d+,\s+)*\d+)\s+\]", lambda m: f"[{_joined(m[1])}]", text)
    short_object = r"\{\s+([^{}\[\]]{0,160}?)\s+\}"
    return re.sub(short_object, lambda m: "{" + _joined(m[1]) + "}", text) + "\n"


def _joined(lines):
    return re.sub(r"\s*\n\s*", " ", lines)
