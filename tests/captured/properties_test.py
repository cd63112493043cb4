#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What may not change a finding, on every captured raw log.

    properties_test.py KRBTRAIL TESTDATA/captured

Line ends of Windows, every record twice, the records backwards, a pipe, gzip, bzip2, xz and zstd, and
the log cut into a rotated set of files, wherever the cut falls, give the same findings.
"""
import bz2
import gzip
import json
import lzma
import pathlib
import subprocess
import sys
import tempfile
import unittest

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
LOGS = sorted((pathlib.Path(sys.argv[2]) / "raw").glob("*.log"))


def reversed_lines(content):
    return b"".join(reversed(content.splitlines(keepends=True)))


def zstd(content):
    """Without zstd's own program in Python's library: frames of raw blocks, RFC 8878 section 3.1.1."""
    frame = bytearray(b"\x28\xb5\x2f\xfd\x00\x58")  # magic; no content size; a window of 2 MiB
    blocks = [content[at:at + 0x1FFFF] for at in range(0, len(content), 0x1FFFF)] or [b""]
    for number, block in enumerate(blocks):
        is_last = number == len(blocks) - 1
        frame += (len(block) << 3 | is_last).to_bytes(3, "little") + block
    return bytes(frame)


WAYS = {
    "line ends of Windows": lambda content: content.replace(b"\n", b"\r\n"),
    "twice": lambda content: content + content,
    "backwards": reversed_lines,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
}


def in_pieces(content, pieces):
    """`content` cut at line ends into so many files, as rotation does: within an event, too."""
    lines = content.splitlines(keepends=True)
    cuts = [len(lines) * number // pieces for number in range(pieces + 1)]
    return [b"".join(lines[begin:end]) for begin, end in zip(cuts, cuts[1:])]


def rotated_set(pieces):
    """The oldest piece has the highest number; the older ones are compressed."""
    names = ["audit.log"] + [f"audit.log.{number}" for number in range(1, len(pieces))]
    for name, piece in zip(names, reversed(pieces)):
        yield (name, piece) if len(name) < 11 or name[-1] in "12" else (name + ".gz",
                                                                        gzip.compress(piece))


def findings_in_folder(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files:
            (pathlib.Path(folder) / name).write_bytes(content)
        return findings(b"", "--hostname", "captured", folder)


def findings(content, *arguments):
    """What is found, without the places of the evidence in its files."""
    run = subprocess.run([KRBTRAIL, "scan", "--format", "ndjson", *(arguments or ["-"])],
                         input=content, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    found = [item for item in found if item["type"] == "finding"]
    for item in found:
        del item["evidence"]
        for hop in item.get("trail", []):
            del hop["evidence"]
    return sorted(found, key=lambda item: item["id"])


class Properties(unittest.TestCase):
    def test_nothing_that_may_not_matter_changes_a_finding(self):
        self.assertGreaterEqual(len(LOGS), 40)
        total = 0
        for log in LOGS:
            content = log.read_bytes()
            expected = findings(content)
            total += len(expected)
            for way, change in WAYS.items():
                with self.subTest(log=log.name, way=way):
                    self.assertEqual(findings(change(content)), expected)
        self.assertGreater(total, 100)

    def test_rotation_changes_no_finding(self):
        total = 0
        for log in LOGS:
            content = log.read_bytes()
            expected = findings(content, "--hostname", "captured", "-")
            total += len(expected)
            for count in (2, 3, 7):
                with self.subTest(log=log.name, files=count):
                    pieces = in_pieces(content, count)
                    self.assertEqual(findings_in_folder(rotated_set(pieces)), expected)
        self.assertGreater(total, 100)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
