# SPDX-License-Identifier: Apache-2.0
"""krbtrail and its peers: how each is run on a log."""

import shutil
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Program:
    """A command with `FILE` in the place of the log. `maps_file`: its memory includes the file's."""

    name: str
    words: tuple
    good_statuses: tuple = (0, 1)
    maps_file: bool = False
    note: str = field(default="", compare=False)

    def command(self, path):
        """The words to run for that log."""
        return [str(path) if word == "FILE" else word for word in self.words]


GREP = Program("`grep -c krb5cc`", ("grep", "-c", "krb5cc", "FILE"))
RIPGREP = Program("`rg -c krb5cc`", ("rg", "-c", "krb5cc", "FILE"), maps_file=True)
AUSEARCH = Program(
    "`ausearch -f krb5cc`", ("ausearch", "-if", "FILE", "-f", "krb5cc"), maps_file=True
)
AUREPORT = Program("`aureport -x`", ("aureport", "-if", "FILE", "-x", "--summary"), maps_file=True)


def scan(binary, *options):
    """krbtrail over one log; 0 and 1 say that all of it was read."""
    words = " ".join(["krbtrail scan", *options])
    return Program(f"`{words}`", (str(binary), "scan", *options, "FILE"))


def auparse_loop(binary):
    """libauparse with nothing behind it."""
    return Program("libauparse loop", (str(binary), "FILE"), good_statuses=(0,))


def inflate_file(binary):
    """What krbtrail's own inflation costs, with nothing behind it."""
    return Program("inflation alone", (str(binary), "FILE"), good_statuses=(0,))


# Of libevtx. It ends with 0 whatever it could not read.
EVTXEXPORT = Program("`evtxexport -f xml`", ("evtxexport", "-f", "xml", "FILE"), good_statuses=(0,))


def scan_windows(binary, *options):
    """krbtrail over a Windows log; 3 says that the log cannot show everything."""
    words = " ".join(["krbtrail scan", *options])
    return Program(f"`{words}`", (str(binary), "scan", *options, "FILE"), good_statuses=(0, 1, 3))


def installed(programs):
    """Those of the programs that this machine has."""
    return [program for program in programs if shutil.which(program.words[0])]
