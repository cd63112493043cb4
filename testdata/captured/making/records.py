# SPDX-License-Identifier: Apache-2.0
"""Audit log lines as records and events, read as simply as the format allows.

This reader shares no code with krbtrail, so that the truth file cannot inherit its mistakes. It
expects the logs of our own captures: complete lines, one host, no hostile text.
"""

import re
from dataclasses import dataclass, field

HEAD = re.compile(r"^(?:node=(\S+) )?type=(\S+) msg=audit\((\d+)\.(\d+):(\d+)\): ?(.*)$", re.S)
FIELD = re.compile(r"(\S+?)=(\"[^\"]*\"|'[^']*'|\S*)")
ENRICHMENT = "\x1d"
UNSET_ID = 4294967295


@dataclass
class Record:
    """One line: its type, the stamp that names its event, and the raw text of each field."""

    type: str
    stamp: str
    serial: int
    fields: dict
    line: str


@dataclass
class Event:
    """All records that carry one stamp."""

    stamp: str
    serial: int
    records: list = field(default_factory=list)

    def first(self, record_type):
        """The event's first record of a type, or None."""
        return next((record for record in self.records if record.type == record_type), None)

    def all(self, record_type):
        """Every record of a type, in the order of the log."""
        return [record for record in self.records if record.type == record_type]

    def session(self):
        """The session that the event belongs to, or None for the kernel's and auditd's own."""
        for record in self.records:
            number = record.fields.get("ses", "")
            if number.isdigit() and int(number) != UNSET_ID:
                return int(number)
        return None


def parse_line(line):
    """A Record, or None for a line that is no audit record."""
    match = HEAD.match(line.rstrip("\n"))
    if not match:
        return None
    _, record_type, seconds, milliseconds, serial, body = match.groups()
    raw_body = body.split(ENRICHMENT, 1)[0]
    return Record(
        type=record_type,
        stamp=f"{seconds}.{milliseconds}:{serial}",
        serial=int(serial),
        fields=dict(FIELD.findall(raw_body)),
        line=line,
    )


def read_events(lines):
    """Events in the order of their serials; records of one event need not be neighbours."""
    events = {}
    for line in lines:
        record = parse_line(line)
        if record:
            event = events.setdefault(record.stamp, Event(record.stamp, record.serial))
            event.records.append(record)
    return sorted(events.values(), key=lambda event: event.serial)


def text_of(value):
    """The bytes of an untrusted string field as text: quoted is literal, unquoted is hex."""
    if value is None or value in ("(null)", "(none)", "?"):
        return None
    if value.startswith('"'):
        return value[1:-1]
    return bytes.fromhex(value).decode("utf-8", "surrogateescape")


def argv_of(event):
    """The argument vector of an exec, its long arguments put together, or None without EXECVE."""
    pieces = {}
    for record in event.all("EXECVE"):
        for key, value in record.fields.items():
            match = re.fullmatch(r"a(\d+)(?:\[(\d+)\])?", key)
            if match:
                position = (int(match[1]), int(match[2] or 0))
                pieces[position] = text_of(value) or ""
    if not pieces:
        return None
    count = max(position[0] for position in pieces) + 1
    return [
        "".join(pieces[key] for key in sorted(pieces) if key[0] == argument)
        for argument in range(count)
    ]
