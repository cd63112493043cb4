#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the interchange formats against their published rules, as far as those say what must be.

    interchange_test.py KRBTRAIL RENDER_SAMPLES SOURCE

The rules stand here in our own words, each with its source; nothing of the schemas is shipped. Held against
them are samples with everything set, with nothing set and with hostile text, and a scan of captured thefts.
"""
import csv
import datetime
import io
import ipaddress
import json
import pathlib
import re
import subprocess
import sys
import unittest

KRBTRAIL, RENDER_SAMPLES, SOURCE = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
LOG = "testdata/captured/raw/a18-use-by-other-session.log"
WINDOWS = "testdata/windows/relayed_logon.xml"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def samples(form):
    return subprocess.run([RENDER_SAMPLES, form], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8")


def scanned(form, *inputs):
    done = subprocess.run([KRBTRAIL, "scan", "--format", form, *inputs], cwd=SOURCE, stdout=subprocess.PIPE,
                          check=False)
    assert done.returncode == 1, done.returncode
    return done.stdout.decode("utf-8")


def lines_of(text):
    assert text.endswith("\n")
    return [json.loads(line) for line in text[:-1].split("\n")]


def all_texts(form):
    return {"samples": samples(form), "scan": scanned(form, LOG, WINDOWS)}


def walk(value, path=""):
    """Each scalar with its dotted path; what stands in an array has the array's path."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from walk(member, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for member in value:
            yield from walk(member, path)
    else:
        yield path, value


# The field reference of ECS 8.11 (elastic.co/guide/en/ecs/8.11): the fields that are written, with their types.
ECS_FIELDS = {
    "@timestamp": "date", "ecs.version": "keyword", "message": "keyword",
    "event.kind": "keyword", "event.category": "keyword", "event.type": "keyword", "event.action": "keyword",
    "event.id": "keyword", "event.module": "keyword", "event.dataset": "keyword", "event.severity": "long",
    "event.risk_score": "long", "event.reason": "keyword", "event.start": "date", "event.end": "date",
    "event.outcome": "keyword",
    "rule.id": "keyword", "rule.name": "keyword", "rule.ruleset": "keyword",
    "threat.framework": "keyword", "threat.technique.id": "keyword", "threat.technique.subtechnique.id": "keyword",
    "host.name": "keyword", "host.hostname": "keyword",
    "user.name": "keyword", "user.id": "keyword", "user.domain": "keyword", "user.effective.id": "keyword",
    "process.pid": "long", "process.name": "keyword", "process.executable": "keyword",
    "process.command_line": "keyword", "process.parent.pid": "long", "process.parent.name": "keyword",
    "process.parent.executable": "keyword", "process.parent.command_line": "keyword",
    "file.path": "keyword", "file.name": "keyword", "file.directory": "keyword", "file.inode": "keyword",
    "file.uid": "keyword", "file.device": "keyword",
    "destination.address": "keyword", "destination.ip": "ip", "destination.port": "long",
    "source.address": "keyword", "source.ip": "ip", "log.file.path": "keyword",
}
ECS_ARRAYS = {"event.category", "event.type", "threat.technique.id", "threat.technique.subtechnique.id"}
# "ECS Categorization Fields" of the same: allowed values, and the types expected for each category.
ECS_KINDS = {"alert", "asset", "enrichment", "event", "metric", "state", "pipeline_error", "signal"}
ECS_TYPES = {"file": {"access", "change", "creation", "deletion", "info"},
             "process": {"access", "change", "end", "info", "start"},
             "network": {"access", "allowed", "connection", "denied", "end", "info", "protocol", "start"},
             "authentication": {"end", "info", "start"},
             "intrusion_detection": {"allowed", "denied", "info"}}


class Ecs(unittest.TestCase):
    def check_field(self, path, value):
        if path.startswith("krbtrail."):
            return
        kind = ECS_FIELDS[path]
        if kind == "long":
            self.assertIsInstance(value, int, path)
        else:
            self.assertIsInstance(value, str, path)
        if kind == "date":
            self.assertRegex(value, TIME, path)
        if kind == "ip":
            ipaddress.ip_address(value)

    def check_array(self, document, path):
        for key in path.split("."):
            if key not in document:
                return
            document = document[key]
        self.assertIsInstance(document, list, path)

    def check(self, document):
        for path, value in walk(document):
            self.check_field(path, value)
        for path in ECS_ARRAYS:
            self.check_array(document, path)
        event = document["event"]
        self.assertIn("@timestamp", document)
        self.assertEqual(document["ecs"]["version"], "8.11.0")
        self.assertIn(event["kind"], ECS_KINDS)
        self.assertEqual(len(event["category"]), 1)
        self.assertLessEqual(set(event["type"]), ECS_TYPES[event["category"][0]])
        self.assertIn(event.get("outcome", "success"), {"success", "failure", "unknown"})
        for technique in document.get("threat", {}).get("technique", {}).get("id", []):
            self.assertRegex(technique, r"^T\d{4}$")

    def test_every_document_has_fields_of_ecs_and_values_that_are_allowed(self):
        for name, text in all_texts("ecs").items():
            for document in lines_of(text):
                with self.subTest(name, id=document["event"].get("id")):
                    self.check(document)

    def test_findings_are_alerts_and_near_misses_are_not(self):
        documents = lines_of(samples("ecs"))
        kinds = {(d.get("krbtrail", {}).get("type"), d["event"]["kind"]) for d in documents}
        self.assertEqual(kinds, {("finding", "alert"), ("near_miss", "event"), ("indeterminate", "event"),
                                 ("incident", "alert"), (None, "state")})

    def test_a_theft_is_told(self):
        documents = lines_of(scanned("ecs", LOG))
        read = next(d for d in documents if d.get("rule", {}).get("id") == "ticket-owner-mismatch")
        self.assertEqual(read["threat"]["technique"], {"id": ["T1558"], "subtechnique": {"id": ["T1558.005"]}})
        self.assertEqual((read["process"]["name"], read["file"]["path"], read["file"]["uid"]),
                         ("install", "/tmp/krb5cc_1000", "1000"))
        self.assertEqual((read["event"]["category"], read["event"]["type"]), (["file"], ["access"]))
        connected = next(d for d in documents if "destination" in d)
        self.assertEqual(connected["destination"], {"address": "127.0.0.1", "ip": "127.0.0.1", "port": 88})


# github.com/ocsf/ocsf-schema 1.4.0: what events/findings/detection_finding.json,
# events/application/scan_activity.json and the objects they use require.
OCSF_REQUIRED = {"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"}
OCSF_SEVERITIES = {1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical"}
OCSF_TOP = OCSF_REQUIRED | {
    "activity_name", "message", "severity", "status", "status_id", "unmapped", "confidence", "confidence_id",
    "risk_score", "is_alert", "start_time", "end_time", "finding_info", "evidences", "resources", "scan",
    "num_files", "num_detections"}


class Ocsf(unittest.TestCase):
    def check_process(self, process):
        self.assertIsInstance(process["pid"], int)  # at least one of pid, uid
        self.assertLessEqual(set(process), {"pid", "name", "cmd_line", "file", "user", "parent_process"})
        if "file" in process:
            self.check_file(process["file"])
        if "parent_process" in process:
            self.check_process(process["parent_process"])

    def check_file(self, file):
        self.assertLessEqual({"name", "type_id"}, set(file))
        self.assertIn(file["type_id"], range(8))

    def check_evidence(self, evidence):
        self.assertTrue(set(evidence) & {"process", "actor", "file", "dst_endpoint", "data"})
        if "process" in evidence:
            self.check_process(evidence["process"])
        if "file" in evidence:
            self.check_file(evidence["file"])
        if "actor" in evidence:
            self.assertTrue(evidence["actor"]["user"]["name"])
        if "dst_endpoint" in evidence:
            ipaddress.ip_address(evidence["dst_endpoint"]["ip"])

    def check_finding(self, event):
        info = event["finding_info"]
        self.assertLessEqual({"uid", "title"}, set(info))
        self.assertIn(info.get("analytic", {"type_id": 1})["type_id"], {0, 1, 2, 3, 4, 99})
        for attack in info.get("attacks", []):
            self.assertRegex(attack["technique"]["uid"], r"^T\d{4}$")
        for related in info.get("related_events", []):
            self.assertIn("uid", related)
        for evidence in event.get("evidences", []):
            self.check_evidence(evidence)
        for resource in event.get("resources", []):
            self.assertTrue(resource["name"])
        self.assertIn(event.get("confidence_id", 0), range(4))
        self.assertIn(event["status_id"], {1, 3})

    def check(self, event):
        self.assertLessEqual(OCSF_REQUIRED, set(event))
        self.assertLessEqual(set(event), OCSF_TOP)
        self.assertEqual(event["type_uid"], event["class_uid"] * 100 + event["activity_id"])
        self.assertEqual(event["category_uid"], event["class_uid"] // 1000)
        self.assertEqual(event["severity"], OCSF_SEVERITIES[event["severity_id"]])
        self.assertIsInstance(event["time"], int)
        self.assertEqual(event["metadata"]["version"], "1.4.0")
        self.assertLessEqual({"name", "vendor_name"}, set(event["metadata"]["product"]))
        if event["class_uid"] == 2004:
            self.assertEqual(event["activity_id"], 1)
            self.check_finding(event)
        else:
            self.assertEqual((event["class_uid"], event["activity_id"]), (6007, 2))
            self.assertEqual(event["scan"]["type_id"], 1)

    def test_every_event_has_what_its_class_requires(self):
        for name, text in all_texts("ocsf").items():
            for event in lines_of(text):
                with self.subTest(name, uid=event.get("finding_info", {}).get("uid")):
                    self.check(event)

    def test_the_last_event_says_whether_all_was_evaluated(self):
        last = lines_of(samples("ocsf"))[-1]
        self.assertEqual((last["class_uid"], last["status_id"], last["status"]), (6007, 99, "Incomplete"))
        last = lines_of(scanned("ocsf", LOG))[-1]
        self.assertEqual((last["class_uid"], last["num_files"], last["num_detections"]), (6007, 1, 22))

    def test_an_incident_names_its_findings_and_only_findings_are_alerts(self):
        events = lines_of(samples("ocsf"))
        alerts = {(tuple(e["finding_info"]["types"]), e["is_alert"]) for e in events if "is_alert" in e}
        # One of the findings of the samples is suppressed.
        self.assertEqual(alerts, {(("finding",), True), (("finding",), False), (("near_miss",), False),
                                  (("indeterminate",), False), (("incident",), True)})


class Timesketch(unittest.TestCase):
    """timesketch.org/guides/user/import-from-json-csv: the mandatory fields, and that a CSV has a header."""

    def check(self, row):
        for field in ("message", "datetime", "timestamp_desc"):
            self.assertIn(field, row)
        self.assertTrue(row["timestamp_desc"])
        self.assertRegex(row["datetime"], TIME)
        moment = datetime.datetime.fromisoformat(row["datetime"].replace("Z", "+00:00"))
        self.assertEqual(int(row["timestamp"]) // 1000, round(moment.timestamp() * 1000))

    def test_each_row_has_the_mandatory_fields(self):
        for text in all_texts("timesketch").values():
            for row in lines_of(text):
                self.check(row)
        for text in all_texts("timesketch-csv").values():
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
            self.assertGreater(len(rows), 4)
            for row in rows:
                self.assertNotIn(None, row)  # no row is longer than the header
                self.check(row)

    def test_both_forms_have_the_same_rows(self):
        as_json = lines_of(scanned("timesketch", LOG, WINDOWS))
        as_csv = list(csv.DictReader(io.StringIO(scanned("timesketch-csv", LOG, WINDOWS), newline="")))
        self.assertEqual([(r["datetime"], r["type"], r.get("id", "")) for r in as_json],
                         [(r["datetime"], r["type"], r["id"]) for r in as_csv])
        self.assertEqual([r["type"] for r in as_json].count("finding"), 23)
        self.assertEqual(as_json[-1]["type"], "summary")

    def test_no_cell_is_a_formula(self):
        for row in csv.reader(io.StringIO(samples("timesketch-csv"), newline="")):
            for cell in row:
                self.assertNotRegex(cell.lstrip(" "), r"^[=+@\uFF1D\uFF0B\uFF20]|^-\D")


class Sentinel(unittest.TestCase):
    """learn.microsoft.com, "Logs Ingestion API in Azure Monitor": what a column may be called."""

    QUERY = ["Timestamp", "DeviceName", "AccountName", "AccessedPath", "ActionType", "TriggerProcess",
             "TriggerCommandLine", "ParentProcess", "DetectionType"]
    RESERVED = {"type", "tenantid", "resource", "resourceid", "resourcename", "resourcetype", "subscriptionid",
                "tenanted"}

    def test_columns_are_those_of_the_query_and_may_be_called_so(self):
        for text in all_texts("sentinel").values():
            for row in lines_of(text):
                self.assertRegex(row["TimeGenerated"], TIME)
                for column, value in row.items():
                    self.assertRegex(column, r"^[A-Za-z][A-Za-z0-9_]{0,44}$")
                    self.assertNotIn(column.lower(), self.RESERVED)
                    self.assertIsInstance(value, (str, int, type(None)))
                if row["RecordKind"] in ("finding", "near_miss", "indeterminate"):
                    self.assertEqual(list(row)[2:11], self.QUERY)

    def test_the_query_would_have_said_the_same(self):
        rows = lines_of(scanned("sentinel", "--rules", "seed", "testdata/captured/raw/t1-discover-and-copy.log"))
        found = [tuple(row[c] for c in self.QUERY[3:]) for row in rows if row["RecordKind"] == "finding"]
        self.assertIn(("/tmp/krb5cc_1000", "FileRead", "cp", "cp /tmp/krb5cc_1000 /tmp/.svc_cache_bak", "bash",
                       "UnexpectedCcacheFileAccess"), found)
        self.assertEqual(rows[-1]["RecordKind"], "summary")


class Hostile(unittest.TestCase):
    """Nothing but line ends of ours is a control character, and nothing that reorders or hides is written."""

    HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

    def test_no_format_writes_what_drives_a_terminal_or_deceives_eyes(self):
        for form in ("text", "ndjson", "csv", "html", "ecs", "ocsf", "timesketch", "timesketch-csv", "sentinel"):
            with self.subTest(form):
                text = samples(form)
                self.assertIsNone(self.HIDDEN.search(text))
                self.assertNotIn("\t", text)
                self.assertEqual("\r" in text, form in ("csv", "timesketch-csv"))

    def test_a_path_of_windows_is_the_path_that_other_programs_have(self):
        service = next(d for d in lines_of(scanned("ecs", WINDOWS)) if d.get("krbtrail", {}).get("service_name"))
        self.assertEqual(service["krbtrail"]["service_file_name"],
                         r'"C:\Users\eve\Downloads\KrbRelayUp.exe" system 1')


unittest.main(argv=sys.argv[:1])
