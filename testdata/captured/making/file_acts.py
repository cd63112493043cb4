# SPDX-License-Identifier: Apache-2.0
"""What a system call did to which file, from the record's facts alone.

Written from SPEC section 4 and the kernel's record layout, without a look at krbtrail's code.
"""

import posixpath
from dataclasses import dataclass

from records import text_of

X86_64, I386 = 0xC000003E, 0x40000003

CALLS = {
    X86_64: {
        2: "open", 257: "openat", 437: "openat2", 85: "creat", 304: "open_by_handle_at",
        82: "rename", 264: "renameat", 316: "renameat2", 86: "link", 265: "linkat",
        88: "symlink", 266: "symlinkat", 87: "unlink", 263: "unlinkat", 76: "truncate",
        59: "execve", 322: "execveat", 426: "io_uring_enter",
    },
    I386: {
        5: "open", 295: "openat", 437: "openat2", 8: "creat", 38: "rename", 302: "renameat",
        353: "renameat2", 9: "link", 303: "linkat", 83: "symlink", 304: "symlinkat",
        10: "unlink", 301: "unlinkat", 92: "truncate", 193: "truncate",
        11: "execve", 358: "execveat",
    },
}

OPENS = {"open": "a1", "openat": "a2", "open_by_handle_at": "a2"}
RENAMES = {"rename", "renameat", "renameat2"}
LINKS = {"link", "linkat"}
SYMLINKS = {"symlink", "symlinkat"}
UNLINKS = {"unlink", "unlinkat"}
# The argument that holds the folder's descriptor, by the part that a PATH item plays.
FOLDER_ARGUMENT = {
    "openat": {"": "a0"}, "openat2": {"": "a0"}, "unlinkat": {"": "a0"},
    "renameat": {"": "a0", "CREATE": "a2"}, "renameat2": {"": "a0", "CREATE": "a2"},
    "linkat": {"": "a0", "CREATE": "a2"}, "symlinkat": {"": "a1"},
}
AT_FDCWD = 0xFFFFFF9C
WRITE_MODES, O_TRUNC, O_PATH = 0o3, 0o1000, 0o10000000
FILE_TYPE, REGULAR, LINK = 0o170000, 0o100000, 0o120000


@dataclass
class FileAct:
    """One file, one act: read, created, modified, renamed, linked, symlinked or deleted."""

    act: str
    name: str
    path: str  # None where a real folder descriptor hides it
    identity: tuple  # (dev, inode), or None
    regular: bool


def call_name(event):
    """The system call's name, or None where the event has no SYSCALL or one we do not follow."""
    record = event.first("SYSCALL")
    if not record:
        return None
    return CALLS.get(int(record.fields["arch"], 16), {}).get(int(record.fields["syscall"]))


def succeeded(event):
    """Whether the event's system call came back without an error."""
    record = event.first("SYSCALL")
    return bool(record) and record.fields.get("success") == "yes"


def file_acts(event):
    """The file acts of a successful call; an exec's own PATH items are none."""
    call = call_name(event)
    if not call or not succeeded(event) or call.startswith("exec"):
        return []
    acts = []
    for item in event.all("PATH"):
        act = _act_of(event, call, item.fields.get("nametype"))
        if act:
            acts.append(_file_act(event, call, item, act))
    return acts


def attempted_identities(event):
    """The (dev, inode) pairs that a failed call's PATH items name."""
    call = call_name(event)
    if not call or succeeded(event) or call.startswith("exec"):
        return []
    return [identity for identity in map(item_identity, event.all("PATH")) if identity]


def full_name(event, item):
    """The item's absolute, normalised path, or None where only a folder descriptor knows it."""
    name = text_of(item.fields.get("name"))
    if not name:
        return None
    if name.startswith("/"):
        return _normal(name)
    if _has_real_folder(event, call_name(event), item.fields.get("nametype")):
        return None
    cwd_record = event.first("CWD")
    cwd = text_of(cwd_record.fields.get("cwd")) if cwd_record else None
    return _normal(posixpath.join(cwd, name)) if cwd else None


def item_identity(item):
    """(dev, inode) of a PATH record, or None."""
    inode, device = item.fields.get("inode"), item.fields.get("dev")
    return (device, int(inode)) if inode and device else None


def _act_of(event, call, nametype):
    if call in OPENS or call in ("creat", "openat2", "io_uring_enter"):
        return _act_of_open(event, call, nametype)
    if call == "truncate" and nametype == "NORMAL":
        return "modified"
    if call in UNLINKS and nametype == "DELETE":
        return "deleted"
    if nametype != "CREATE":
        return None
    if call in RENAMES:
        return "renamed"
    if call in LINKS:
        return "linked"
    return "symlinked" if call in SYMLINKS else None


def _act_of_open(event, call, nametype):
    if nametype == "CREATE":
        return "created"
    if nametype != "NORMAL":
        return None
    if call == "creat":
        return "modified"
    flags = _open_flags(event, call)
    if flags is None:
        return "read"
    if flags & O_PATH:
        return None
    return "modified" if flags & (WRITE_MODES | O_TRUNC) else "read"


def _open_flags(event, call):
    if call in OPENS:
        return int(event.first("SYSCALL").fields[OPENS[call]], 16)
    how = event.first("OPENAT2")
    return int(how.fields["oflag"], 8) if how else None


def _file_act(event, call, item, act):
    mode = int(item.fields.get("mode", "0"), 8)
    wanted = LINK if act == "symlinked" else REGULAR
    return FileAct(
        act=act,
        name=text_of(item.fields.get("name")) or "",
        path=full_name(event, item),
        identity=item_identity(item),
        regular=mode & FILE_TYPE == wanted,
    )


def _has_real_folder(event, call, nametype):
    arguments = FOLDER_ARGUMENT.get(call)
    if not arguments:
        return False
    argument = arguments.get(nametype, arguments[""])
    return int(event.first("SYSCALL").fields[argument], 16) & 0xFFFFFFFF != AT_FDCWD


def _normal(path):
    normal = posixpath.normpath(path)
    return normal[1:] if normal.startswith("//") else normal
