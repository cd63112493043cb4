# SPDX-License-Identifier: Apache-2.0
"""The daemons of the private host: KDC, web server, sshd, SSSD's ticket store.

None has a loginuid, so none is audited, but for the sessions that sshd opens.
"""

import shutil
import socket
import subprocess
import time
from pathlib import Path

from private_host import HOST, HTTP_PORT, PROGRAMS, REALM, run, users

KCM_SOCKET = Path("/run/.heim_org.h5l.kcm-socket")


def start_all(state):
    """Create the realm and start every daemon; returns when all answer."""
    _create_realm()
    _prepare_sshd()
    _prepare_kcm()
    for name, command in (
        ("krb5kdc", ["krb5kdc", "-n"]),
        ("web server", ["python3", str(PROGRAMS / "negotiate_server.py"), str(HTTP_PORT)]),
        ("sshd", ["/usr/sbin/sshd", "-D"]),
        ("sssd_kcm", ["/usr/libexec/sssd/sssd_kcm", "--uid", "0", "--gid", "0", "--logger=files"]),
    ):
        daemon = subprocess.Popen(
            command, cwd="/", stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        state.note_process(name, daemon.pid)
    for port in (88, HTTP_PORT, 22):
        _wait(lambda port=port: _answers(port), f"port {port}")
    _wait(KCM_SOCKET.exists, "the KCM socket")


def _create_realm():
    run(["kdb5_util", "create", "-s", "-r", REALM, "-P", "throw-away"])
    lines = [f"addprinc -pw {user.password} {user.name}" for user in users()]
    for service in ("host", "HTTP"):
        lines += _key(f"{service}/{HOST}", "/etc/krb5.keytab")
    for user in users():
        if user.name.startswith("app"):
            lines += _key(f"{user.name}/{HOST}", "/etc/service.keytab")
        if user.name.startswith("ci"):
            lines.append(f"ktadd -q -norandkey -k /etc/{user.name}.keytab {user.name}")
    run(["kadmin.local", "-r", REALM], text="\n".join(lines) + "\n")


def _key(principal, keytab):
    return [f"addprinc -randkey {principal}", f"ktadd -q -k {keytab} {principal}"]


def _prepare_sshd():
    settings = (
        "HostKey /etc/ssh/capture_key\nUsePAM yes\nGSSAPIAuthentication yes\n"
        "PubkeyAuthentication yes\nPasswordAuthentication no\nPermitRootLogin no\nUseDNS no\n"
        "KbdInteractiveAuthentication no\nSubsystem sftp /usr/lib/openssh/sftp-server\n"
    )
    Path("/etc/ssh/sshd_config").write_text(settings)
    Path("/etc/pam.d/sshd").write_text(
        "auth required pam_unix.so\naccount required pam_unix.so\n"
        "session required pam_loginuid.so\nsession required pam_unix.so\n"
    )
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/etc/ssh/capture_key"])


def _prepare_kcm():
    for folder in ("db", "mc", "pipes/private", "secrets", "gpo_cache", "keytabs"):
        Path("/var/lib/sss", folder).mkdir(parents=True)
    Path("/var/lib/sss/secrets").chmod(0o700)
    Path("/var/log/sssd").mkdir()
    Path("/etc/sssd/sssd.conf").write_text("[sssd]\n[kcm]\n")
    Path("/etc/sssd/sssd.conf").chmod(0o600)
    shutil.rmtree("/etc/krb5.conf.d", ignore_errors=True)
    subprocess.run(["/usr/sbin/sssd", "--genconf-section=kcm"], check=False)


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(condition, what):
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"nobody answers at {what}")
        time.sleep(0.1)
