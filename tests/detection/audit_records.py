# SPDX-License-Identifier: Apache-2.0
"""Audit records as auditd writes them on x86_64, raw.

    log = Log()
    log.exec(Process(pid=7, exe="/usr/bin/cp"), ["cp", "/tmp/krb5cc_1000", "/tmp/x"])
    log.open(process, File("/tmp/krb5cc_1000", inode=41, owner=1000), READ)
    b"".join(log.lines())
"""
import dataclasses

READ, WRITE, CREATE = "read", "write", "create"
AT_FDCWD = "ffffff9c"
FLAGS = {READ: "0", WRITE: "1", CREATE: "241"}
UNSET = 4294967295
CHOWN, CONNECT, EXECVE, LINK, OPENAT, RENAME, SYMLINK, UNLINK = 92, 42, 59, 86, 257, 82, 88, 87


@dataclasses.dataclass
class Process:
    pid: int
    exe: str
    ppid: int = 1
    uid: int = 0
    auid: int = 1001
    ses: int = 3
    comm: str = ""

    def fields(self):
        comm = self.comm or self.exe.rsplit("/", 1)[-1][:15]
        return (f"ppid={self.ppid} pid={self.pid} auid={self.auid} uid={self.uid} gid={self.uid} "
                f"euid={self.uid} suid={self.uid} fsuid={self.uid} egid={self.uid} sgid={self.uid} "
                f"fsgid={self.uid} tty=pts0 ses={self.ses} comm={text(comm)} exe={text(self.exe)}")


@dataclasses.dataclass(frozen=True)
class File:
    path: str
    inode: int
    owner: int = 0
    mode: str = "0100600"


PROGRAM = File("/usr/bin/program", 900_001, mode="0100755")
LOADER = File("/lib64/ld-linux-x86-64.so.2", 900_002, mode="0100755")


def text(value):
    """A field as auditd writes it: in quotes, or in hexadecimal where those would not do."""
    value = value.encode() if isinstance(value, str) else value
    if all(0x21 <= byte < 0x7f and byte != 0x22 for byte in value):
        return '"' + value.decode() + '"'
    return value.hex().upper()


class Log:
    """Events in the order in which they were written. `now` is in milliseconds."""

    def __init__(self, node="", now=1_700_000_000_000):
        self.now = now
        self.serial = 0
        self.node = f"node={node} " if node else ""
        self.events = []  # of each its lines

    def lines(self):
        return [line for event in self.events for line in event]

    def event(self, call, process, records, arguments="a0=7ffc a1=7ffd a2=0 a3=0",
              result="success=yes exit=0"):
        """Returns the event's stamp."""
        self.serial += 1
        stamp = f"{self.now // 1000}.{self.now % 1000:03}:{self.serial}"
        items = sum(kind == "PATH" for kind, _ in records)
        head = ("SYSCALL", f"arch=c000003e syscall={call} {result} {arguments} items={items} "
                           f"{process.fields()} subj=unconfined key=\"kerberos\"")
        self.events.append([
            f"{self.node}type={kind} msg=audit({stamp}): {rest}\n".encode()
            for kind, rest in (head, *records)])
        return stamp

    def exec(self, process, words, program=PROGRAM):
        listed = " ".join(f"a{i}={text(word)}" for i, word in enumerate(words))
        return self.event(EXECVE, process, [
            ("EXECVE", f"argc={len(words)} {listed}"), ("CWD", 'cwd="/root"'),
            path(0, dataclasses.replace(program, path=process.exe)), path(1, LOADER),
            ("PROCTITLE", "proctitle=" + "\0".join(words).encode()[:128].hex().upper())])

    def open(self, process, file, way, success=True):
        named = [path(0, file)]
        if way == CREATE:
            named = [folder(0, file.path), path(1, file, "CREATE")]
        return self.event(OPENAT, process, [("CWD", 'cwd="/root"'), *named],
                          f"a0={AT_FDCWD} a1=7ffc a2={FLAGS[way]} a3=180",
                          "success=yes exit=3" if success else "success=no exit=-13")

    def rename(self, process, file, new_path, replaced=None):
        new = dataclasses.replace(file, path=new_path)
        gone = [path(3, dataclasses.replace(replaced, path=new_path), "DELETE")] if replaced else []
        return self.event(RENAME, process, [
            ("CWD", 'cwd="/root"'), folder(0, file.path), folder(1, new_path),
            path(2, file, "DELETE"), *gone, path(4 if replaced else 3, new, "CREATE")])

    def link(self, process, file, new_path):
        return self.event(LINK, process, [
            ("CWD", 'cwd="/root"'), path(0, file), folder(1, new_path),
            path(2, dataclasses.replace(file, path=new_path), "CREATE")])

    def symlink(self, process, target_path, new):
        return self.event(SYMLINK, process, [
            ("CWD", 'cwd="/root"'),
            ("PATH", f"item=0 name={text(target_path)} nametype=UNKNOWN cap_fp=0"),
            folder(1, new.path), path(2, dataclasses.replace(new, mode="0120777"), "CREATE")])

    def unlink(self, process, file):
        return self.event(UNLINK, process, [("CWD", 'cwd="/root"'), folder(0, file.path),
                                            path(1, file, "DELETE")])

    def chown(self, process, file, owner):
        return self.event(CHOWN, process, [("CWD", 'cwd="/root"'), path(0, file)],
                          f"a0=7ffc a1={owner:x} a2={owner:x} a3=0")

    def connect(self, process, address=(192, 0, 2, 7), port=443):
        there = "0200" + f"{port:04X}" + bytes(address).hex().upper() + "0" * 16
        return self.event(CONNECT, process, [("SOCKADDR", f"saddr={there}")],
                          "a0=3 a1=7ffc a2=10 a3=0")


def path(item, file, nametype="NORMAL"):
    return ("PATH", f"item={item} name={text(file.path)} inode={file.inode} dev=fe:00 "
                    f"mode={file.mode} ouid={file.owner} ogid={file.owner} rdev=00:00 "
                    f"nametype={nametype} cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0")


def folder(item, of_path):
    return path(item, File(of_path[:of_path.rfind("/") + 1], 2, mode="041777"), "PARENT")
