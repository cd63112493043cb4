# SPDX-License-Identifier: Apache-2.0
"""Which branches of the seed's query fire on which event, in both readings.

An independent evaluator of the seed text under SPEC section 4's rules, for the truth file. It
favours plain statements over speed, and reads one step's log from its beginning to its end.
"""

import posixpath
import re

from file_acts import call_name, file_acts, full_name, item_identity, succeeded
from records import argv_of, text_of

READINGS = ("generous", "strict")
FILE_ACCESS, IMPACKET_TOOL, COPY_EXFIL = (
    "seed-file-access", "seed-impacket-tool", "seed-copy-exfil",
)

LEGIT_KERB_PROCESSES = {
    "kinit", "klist", "kdestroy", "kgetcred", "sssd", "krb5kdc", "kadmind", "sshd", "login",
    "su", "sudo", "gdm", "lightdm", "pamtester", "pamtest",
}
IMPACKET_KERB_TOOLS = (
    "getST.py", "getTGT.py", "ticketer.py", "getNTHash.py", "rbcd.py", "getServiceTicket.py",
    "getPac.py", "getUserSPNs.py",
)
EXFIL_COMMANDS = {
    "cp", "mv", "cat", "base64", "xxd", "tar", "scp", "rsync", "nc", "ncat", "curl", "wget", "dd",
}
PYTHONS = {"python", "python3", "python2"}
CCACHE_WORDS = ("CCache", "ccache", "krb5cc", "KRB5CCNAME", ".ccache")
MULTI_CALL = {"busybox", "toybox", "coreutils"}
DELETED = " (deleted)"


def has(text, operand):
    """Kusto's `has`: the phrase occurs, and its alphanumeric edges lie on term boundaries."""
    left = r"(?<![A-Za-z0-9])" if operand[0].isalnum() else ""
    right = r"(?![A-Za-z0-9])" if operand[-1].isalnum() else ""
    return re.search(left + re.escape(operand) + right, text, re.I | re.A) is not None


def has_any(text, operands):
    """Kusto's `has_any`."""
    return any(has(text, operand) for operand in operands)


class SeedReading:
    """Judges events one after another; remembers the full names of the files it has met."""

    def __init__(self):
        self._full_names = {}

    def branches(self, event):
        """{reading: [branch, ...]} for one event; empty lists where the seed is silent."""
        found = {reading: [] for reading in READINGS}
        for reading in READINGS:
            if self._touches_ccache(event, reading):
                found[reading].append(FILE_ACCESS)
            if _is_successful_exec(event):
                found[reading] += _exec_branches(event, reading)
        self._remember(event)
        return found

    def _touches_ccache(self, event, reading):
        if _exempt(event):
            return False
        return any(self._act_matches(act, reading) for act in file_acts(event))

    def _act_matches(self, act, reading):
        if not act.regular or (act.act == "read" and reading == "strict"):
            return False
        path = act.path or self._known_path(act)
        if path:
            return _is_ccache_path(path)
        return reading == "generous" and _is_ccache_name(posixpath.basename(act.name))

    def _known_path(self, act):
        known = self._full_names.get(act.identity)
        same_name = known and posixpath.basename(known) == posixpath.basename(act.name)
        return known if same_name else None

    def _remember(self, event):
        if (call_name(event) or "exec").startswith("exec") or not succeeded(event):
            return
        for item in event.all("PATH"):
            kind, identity = item.fields.get("nametype"), item_identity(item)
            if not identity:
                continue
            if kind in ("DELETE", "CREATE"):
                self._full_names.pop(identity, None)
            path = full_name(event, item)
            if kind in ("NORMAL", "CREATE") and path:
                self._full_names[identity] = path


def _is_ccache_path(path):
    name = posixpath.basename(path)
    if path.lower().startswith("/tmp/") and re.search(r"\Akrb5cc_[0-9]+\Z", name):
        return True
    if name.lower() == "krb5.ccache":
        return True
    return "/krb5" in path.lower() and name.lower().endswith(".ccache")


def _is_ccache_name(name):
    return bool(re.search(r"\Akrb5cc_[0-9]+\Z", name)) or name.lower() == "krb5.ccache"


def executable(event):
    """(base name, comm) of the event's process; a deleted executable keeps its name."""
    record = event.first("SYSCALL")
    if not record:
        return None, None
    exe = text_of(record.fields.get("exe"))
    if exe and exe.endswith(DELETED):
        exe = exe[: -len(DELETED)]
    return (posixpath.basename(exe) if exe else None), text_of(record.fields.get("comm"))


def _exempt(event):
    exe, comm = executable(event)
    return (exe or comm or "").lower() in LEGIT_KERB_PROCESSES


def _is_successful_exec(event):
    return (call_name(event) or "").startswith("exec") and succeeded(event)


def _exec_branches(event, reading):
    exe, comm = executable(event)
    argv = argv_of(event) or [comm or ""]
    command_line = " ".join(argv)
    names = {exe.lower()} if reading == "strict" else _candidates(exe, comm, argv)
    branches = []
    is_python = bool(names & PYTHONS)
    if has_any(command_line, IMPACKET_KERB_TOOLS) or (
        is_python and has_any(command_line, CCACHE_WORDS)
    ):
        branches.append(IMPACKET_TOOL)
    names_a_cache = re.search(r"krb5cc_[0-9]+", command_line) or has(command_line, "krb5.ccache")
    if names & EXFIL_COMMANDS and names_a_cache:
        branches.append(COPY_EXFIL)
    return branches


def _candidates(exe, comm, argv):
    names = {exe, comm, posixpath.basename(argv[0])} - {None, ""}
    names |= {_alias(name) for name in set(names)}
    if names & MULTI_CALL and len(argv) > 1 and posixpath.basename(argv[0]) in MULTI_CALL:
        names.add(posixpath.basename(argv[1]))
    return {name.lower() for name in names}


def _alias(name):
    for pattern, plain in (
        (r"python3\.\d+", "python3"),
        (r"python2\.\d+", "python2"),
        (r"nc\..+", "nc"),
        (r"vim\..+", "vim"),
        (r".+-linux-gnu-strings", "strings"),
    ):
        if re.fullmatch(pattern, name):
            return plain
    return name
