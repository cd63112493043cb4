# SPDX-License-Identifier: Apache-2.0
"""The private host of a capture: mounts, network, host name, accounts, configuration.

Runs inside `unshare -m -n -u`; nothing here outlives the namespaces or leaves the loopback device.
"""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

HOST = "files01.example.test"
REALM = "EXAMPLE.TEST"
HTTP_PORT = 8080
ETC = Path("/etc")
WORK = Path("/opt/work")
PROGRAMS = Path("/opt/capture/testdata/captured/programs")


@dataclass(frozen=True)
class User:
    """An account of the private host."""

    name: str
    uid: int
    home: str

    @property
    def password(self):
        """The throw-away password of the realm."""
        return f"{self.name}-Autumn26"


PEOPLE = (
    User("alice", 1000, "/home/alice"),
    User("mallory", 1001, "/home/mallory"),
    User("bob", 1002, "/home/bob"),
    User("app", 1003, "/var/lib/app"),
    User("ci", 1004, "/home/ci"),
)
ROOT = User("root", 0, "/root")
FIRST_LANE_UID, LAST_LANE_UID = 10000, 19999
CLEANED_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/srv", "/run/user", "/root")
_users = list(PEOPLE)


def in_lane(user, lane):
    """The lane's own alice, mallory, bob, app or ci."""
    suffix = f"{lane:02d}"
    uid = FIRST_LANE_UID + 10 * lane + PEOPLE.index(user)
    return User(user.name + suffix, uid, user.home + suffix)


def use_lanes(count):
    """Give the host people for so many lanes, in place of the five."""
    _users[:] = [in_lane(user, lane) for lane in range(count) for user in PEOPLE]


def users():
    """All accounts but root."""
    return _users


def user_named(name):
    """The account with that name."""
    return next(user for user in (*users(), ROOT) if user.name == name)


def name_of(uid):
    """The name of an account, in a lane or not."""
    if uid < FIRST_LANE_UID:
        return next(user.name for user in (*PEOPLE, ROOT) if user.uid == uid)
    lane, person = divmod(uid - FIRST_LANE_UID, 10)
    return in_lane(PEOPLE[person], lane).name


def build(tmp_kind):
    """Everything but the audit daemon. `tmp_kind` is ext4 or tmpfs: what /tmp and homes lie on."""
    _hide_machine(tmp_kind)
    _raise_loopback()
    socket.sethostname(HOST)
    _write_etc()


def empty():
    """Put temporary folders and homes back to an empty state, between two steps."""
    for folder in CLEANED_FOLDERS:
        _empty_folder(Path(folder))
    for user in users():
        for folder, mode in ((Path(user.home), 0o755), (Path(f"/run/user/{user.uid}"), 0o700)):
            folder.mkdir(exist_ok=True)
            _empty_folder(folder)
            os.chown(folder, user.uid, user.uid)
            folder.chmod(mode)


def _hide_machine(tmp_kind):
    for folder in ("/etc", "/var/lib", "/usr/bin"):
        _overlay(folder)
    for program in (WORK / "heimdal/usr/bin").iterdir():
        shutil.copy2(program, "/usr/bin", follow_symlinks=False)
    for folder in ("/run", "/srv", "/var/log", "/var/mail", "/var/spool", "/dev/shm"):
        _mount("-t", "tmpfs", "tmpfs", folder)
    for folder in ("/run/user", "/run/sudo", "/run/sshd", "/run/lock"):
        Path(folder).mkdir()
    _mount("-t", "devpts", "-o", "newinstance,ptmxmode=0666,mode=620,gid=5", "devpts", "/dev/pts")
    for folder in ("/var/lib/app", "/var/lib/sss"):
        Path(folder).mkdir(exist_ok=True)
        _mount("-t", "tmpfs", "tmpfs", folder)
    scratch = {"/tmp": 0o1777, "/var/tmp": 0o1777, "/home": 0o755, "/root": 0o700}
    for folder, mode in scratch.items():
        _mount_scratch(folder, tmp_kind, mode)
    for folder, mode in (("/dev/shm", 0o1777), ("/srv", 0o755), ("/var/lib/sss", 0o755)):
        Path(folder).chmod(mode)


def _mount_scratch(folder, tmp_kind, mode):
    if tmp_kind == "tmpfs":
        _mount("-t", "tmpfs", "tmpfs", folder)
    else:
        source = WORK / "scratch" / folder.strip("/").replace("/", "-")
        source.mkdir(parents=True)
        _mount("--bind", str(source), folder)
    Path(folder).chmod(mode)


def _overlay(folder):
    place = Path("/opt/overlay") / folder.strip("/").replace("/", "-")
    for part in ("upper", "work"):
        (place / part).mkdir(parents=True)
    options = f"lowerdir={folder},upperdir={place}/upper,workdir={place}/work"
    _mount("-t", "overlay", "overlay", "-o", options, folder)


def _raise_loopback():
    siocsifflags, iff_up_running = 0x8914, 0x41
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh22x", b"lo", iff_up_running)
        fcntl.ioctl(any_socket, siocsifflags, request)


def _write_etc():
    _write_accounts()
    _write_shell_settings()
    _write_kerberos_settings()
    (ETC / "hostname").write_text(HOST + "\n")
    (ETC / "hosts").write_text(f"127.0.0.1 {HOST} files01 localhost\n")
    (ETC / "resolv.conf").write_text("")


def _write_accounts():
    """Add the test's accounts, in place of any of the machine's with their names or numbers."""
    uids = {str(user.uid) for user in users()}
    names = {user.name for user in users()}
    for name, line in (
        ("passwd", "{0.name}:x:{0.uid}:{0.uid}::{0.home}:/bin/bash"),
        ("group", "{0.name}:x:{0.uid}:"),
        ("shadow", "{0.name}:*:20000:0:99999:7:::"),
    ):
        entries = [entry.split(":") for entry in (ETC / name).read_text().splitlines()]
        kept = [":".join(e) for e in entries if e[0] not in names and e[2] not in uids]
        (ETC / name).write_text("\n".join(kept + [line.format(user) for user in users()]) + "\n")


def _write_shell_settings():
    (ETC / "profile").write_text(
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
        "PS1='<<$?>> '\ntest -n \"$BASH\" && set +H\nunset HISTFILE\n"
    )
    (ETC / "bash.bashrc").write_text("")
    (ETC / "sudoers").write_text(
        'Defaults secure_path="/usr/sbin:/usr/bin:/sbin:/bin"\n'
        "root ALL=(ALL:ALL) ALL\nALL ALL=(ALL:ALL) NOPASSWD: ALL\n"
    )
    (ETC / "sudoers").chmod(0o440)


def _write_kerberos_settings():
    (ETC / "krb5.conf").write_text(
        f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n rdns = false\n"
        " dns_canonicalize_hostname = false\n"
        f"[realms]\n {REALM} = {{\n  kdc = 127.0.0.1:88\n }}\n[domain_realm]\n"
        f" .example.test = {REALM}\n[logging]\n kdc = FILE:/var/log/krb5kdc.log\n"
    )
    (ETC / "krb5.keytab").unlink(missing_ok=True)
    (ETC / "krb5kdc").mkdir(exist_ok=True)
    (ETC / "krb5kdc/kdc.conf").write_text(
        f"[kdcdefaults]\n kdc_ports = 88\n kdc_tcp_ports = 88\n[realms]\n {REALM} = {{\n"
        "  database_name = /opt/realm/principal\n  key_stash_file = /opt/realm/stash\n"
        "  supported_enctypes = aes256-cts:normal\n }\n"
    )
    Path("/opt/realm").mkdir()


def _empty_folder(folder):
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _mount(*arguments):
    run(["mount", *arguments])


def run(command, text=None):
    """Run a command of the set-up; its failure is ours."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")


