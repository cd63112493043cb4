# SPDX-License-Identifier: Apache-2.0
"""The Debian packages of a capture, and how they get in without starting a service."""

import os
import platform
import subprocess
import tempfile
from pathlib import Path

REQUIRED = (
    "auditd", "krb5-kdc", "krb5-admin-server", "krb5-user", "python3-impacket", "python3-gssapi",
    "busybox-static", "sudo", "curl", "xxd", "gcc", "ccache", "tmpreaper", "systemd", "binutils",
    "openssh-server", "openssh-client", "sssd-kcm", "keyutils", "kstart", "netcat-openbsd", "gdb",
    "rsync", "restic", "borgbackup", "aide", "zip", "ed", "perl", "openssl",
    "libc6-dev", "wget",
)
# Heimdal's clients cannot be installed beside MIT's: their libraries can, programs are unpacked.
HEIMDAL_CLIENTS = "heimdal-clients"
HEIMDAL_LIBRARIES = (
    "libasn1-8-heimdal", "libgssapi3-heimdal", "libhcrypto5-heimdal", "libhdb9-heimdal",
    "libheimntlm0-heimdal", "libhx509-5-heimdal", "libkadm5clnt7-heimdal", "libkadm5srv8-heimdal",
    "libkafs0-heimdal", "libkrb5-26-heimdal", "libotp0-heimdal", "libroken19-heimdal",
    "libsl0-heimdal",
)
HEIMDAL_PROGRAMS = {"heimtools", "kinit.heimdal", "klist.heimdal", "kdestroy.heimdal", "kgetcred"}
POLICY = Path("/usr/sbin/policy-rc.d")
DENY_STARTS = "#!/bin/sh\nexit 101\n"


def missing():
    """The required packages that are not installed."""
    return [package for package in (*REQUIRED, *HEIMDAL_LIBRARIES) if not _is_installed(package)]


def install(packages, state_folder):
    """Install with service starts denied; the policy before is kept in the state folder."""
    print(f"installing {' '.join(packages)}", flush=True)
    saved = state_folder / "policy-rc.d"
    saved.write_bytes(POLICY.read_bytes() if POLICY.exists() else b"")
    POLICY.write_text(DENY_STARTS)
    POLICY.chmod(0o755)
    try:
        _apt_get("update")
        _apt_get("install", "-y", "--no-install-recommends", *packages)
    finally:
        restore_policy(state_folder)


def restore_policy(state_folder):
    """Put policy-rc.d back as it was, if an installation has changed it."""
    saved = state_folder / "policy-rc.d"
    if not saved.exists():
        return
    content = saved.read_bytes()
    if content:
        POLICY.write_bytes(content)
    else:
        POLICY.unlink(missing_ok=True)
    saved.unlink()


def unpack_heimdal(folder):
    """Lay Heimdal's client programs into a folder; nothing is installed."""
    folder.mkdir()
    with tempfile.TemporaryDirectory() as download:
        command = ["apt-get", "-qq", "download", HEIMDAL_CLIENTS]
        subprocess.run(command, cwd=download, stderr=subprocess.DEVNULL, check=True)
        package = next(Path(download).glob("*.deb"))
        subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True)
    for program in (folder / "usr/bin").iterdir():
        if program.name not in HEIMDAL_PROGRAMS:
            program.unlink()


def versions():
    """What logs made here are made with."""
    listing = ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *REQUIRED, "libkrb5-26-heimdal"]
    done = subprocess.run(listing, capture_output=True, text=True, check=True)
    return {
        "kernel": platform.release().split("-")[0],
        "debian": Path("/etc/debian_version").read_text().strip(),
        "packages": dict(line.split() for line in done.stdout.splitlines()),
    }


def _is_installed(package):
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, check=False).stdout == b"installed"


def _apt_get(*arguments):
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", *arguments]
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
