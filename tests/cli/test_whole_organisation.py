"""A whole organisation's pictures through the drop box and the command, with faults: none is lost or stored twice.

`make test` uses 60 pictures, `make load` as many as PICTURES says.
"""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from boto3.dynamodb.types import TypeDeserializer

from headshot import imaging
from headshot_cli.journal import journal_file
from local import portrait
from local.stack import PROJECT
from tests.awaiting import eventually
from tests.stack.test_faults import denied

PICTURES = int(os.environ.get("PICTURES", "60"))
SECONDS = 60 + PICTURES // 4  # for any progress, also on a slow machine


def organisation(name):
    """Return a file for each user id; one of twenty is not a picture."""
    ids = [f"{name}{number:05}" for number in range(PICTURES)]
    return {
        user_id: portrait.jpeg(user_id, (160, 200)) if number % 20 else b"no picture"
        for number, user_id in enumerate(ids)
    }


def items(rig, table, **condition):
    """Return all items in a table of the stack."""
    pages = rig.client("dynamodb").get_paginator("scan").paginate(TableName=rig.physical_id(table), **condition)
    return [TypeDeserializer().deserialize({"M": item}) for page in pages for item in page["Items"]]


def assert_nothing_is_lost_and_nothing_twice(rig, files, prefix):
    """Compare every record with its file, and the stored photos with the records."""
    records = {item["user_id"]: item for item in items(rig, "RecordsTable") if item["user_id"].startswith(prefix)}
    good = {user_id: data for user_id, data in files.items() if data != b"no picture"}
    assert records.keys() == good.keys()
    with ThreadPoolExecutor() as threads:
        versions = threads.map(lambda data: imaging.normalise(data).version, good.values())
        assert {user_id: records[user_id]["version"] for user_id in good} == dict(zip(good, versions, strict=True))
    keys = {f"{user_id}/{records[user_id]['version']}.jpg" for user_id in good}
    assert current_keys(rig, f"photos/{prefix}") == [f"photos/{key}" for key in sorted(keys)]
    # If two functions process one message at once, the loser's copy is superseded.
    assert {key.removeprefix("superseded/") for key in rig.objects(f"superseded/{prefix}")} <= keys


def current_keys(rig, prefix):
    pages = rig.client("s3").get_paginator("list_objects_v2")
    listed = pages.paginate(Bucket=rig.outputs["PhotosBucket"], Prefix=prefix)
    return sorted(item["Key"] for page in listed for item in page.get("Contents", []))


class Faults:
    """Faults of a function, each until it has had an effect."""

    def __init__(self, rig, name):
        self._rig, self._role, self._logs = rig, f"{name}Role", rig.physical_id(f"{name}Logs")
        self.function = rig.physical_id(f"{name}Function")

    def kill(self):
        """Kill every process that runs the function."""
        for pid in eventually(self._processes):
            os.kill(pid, signal.SIGKILL)

    @contextmanager
    def reject(self, action, message):
        """Deny the function an action until its log shows the failure."""
        start = round(time.time() * 1000)
        with denied(self._rig, self._role, action):
            yield
            eventually(lambda: self._said(message, start), SECONDS)

    @contextmanager
    def throttle(self, count):
        """Throttle the function until a count has not changed for a second."""
        client = self._rig.client("lambda")
        client.put_function_concurrency(FunctionName=self.function, ReservedConcurrentExecutions=0)
        yield
        eventually(is_unchanged(count), SECONDS)
        client.delete_function_concurrency(FunctionName=self.function)

    def _processes(self):
        listing = subprocess.run(["ps", "-wweo", "pid=,pgid=,args="], capture_output=True, text=True, check=True).stdout
        lines = [line.split(None, 2) for line in listing.splitlines() if self.function in line]
        return [int(pid) for pid, group, _ in lines if int(group) == self._rig.process_group]

    def _said(self, message, start):
        pages = self._rig.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=self._logs, startTime=start, filterPattern=f'"{message}"')
        return any(page["events"] for page in found)


def is_unchanged(count):
    seen = []

    def check():
        seen.append(count())
        return len(seen) > 20 and len(set(seen[-20:])) == 1

    return check


def test_the_drop_box_loses_nothing_while_functions_crash_and_stores_fail(rig, headshot):
    files, faults, sqs = organisation("box"), Faults(rig, "Ingest"), rig.client("sqs")
    queue, dead_letter_queue = rig.outputs["IngestQueue"], rig.outputs["IngestDeadLetterQueue"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "2"})  # six minutes on AWS
    [mapping] = rig.client("lambda").list_event_source_mappings(FunctionName=faults.function)["EventSourceMappings"]
    few = {"MaximumConcurrency": 4}  # more than the default, and no more than the machine's processors can handle
    rig.client("lambda").update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=few)

    def copy(part):
        """Copy a quarter of the files into the drop box."""
        with ThreadPoolExecutor() as threads:
            for user_id in list(files)[part::4]:
                target = {"Bucket": rig.outputs["PhotosBucket"], "Key": f"dropbox/{user_id}.jpg"}
                threads.submit(rig.client("s3").put_object, **target, Body=files[user_id])

    def waiting():
        return messages(sqs, queue)

    copy(0)
    faults.kill()
    with faults.reject("s3:PutObject", "file not ingested yet"):
        copy(1)
    with faults.throttle(waiting):
        copy(2)
    with faults.reject("dynamodb:PutItem", "file not ingested yet"):
        copy(3)
    eventually(lambda: waiting() == 0, 4 * SECONDS)
    headshot("retry")  # some may have failed ten times, since seconds stand for minutes here
    eventually(lambda: waiting() == 0, 4 * SECONDS)
    assert messages(sqs, dead_letter_queue) == 0

    uploads = {item["user_id"]: item["status"] for item in items(rig, "UploadsTable") if item["user_id"] in files}
    rejected = -(-PICTURES // 20)
    assert Counter(uploads.values()) == {"accepted": PICTURES - rejected, "rejected": rejected}
    assert rig.objects("dropbox/box") == []
    assert len(current_keys(rig, "rejected/box")) == rejected
    listed = json.loads(headshot("list", "--rejected", "--json")[1])
    assert sum(row["user_id"] in files for row in listed) == rejected
    assert_nothing_is_lost_and_nothing_twice(rig, files, "box")


def messages(sqs, url):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(map(int, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))


@pytest.fixture
def imported(rig, tmp_path):
    """Run an import of a folder as a subprocess, and count what it has uploaded."""
    environment = rig.emulator.environment | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    report = tmp_path / "report.csv"

    class Import:
        def start(self, folder):
            command = [sys.executable, "-m", "headshot_cli", "import", str(folder), "--report", str(report)]
            pipe = subprocess.PIPE
            return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=pipe, stderr=pipe, text=True)

        def uploaded(self):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("XDG_CONFIG_HOME", str(tmp_path))
                journal = journal_file(rig.url)
            return journal.read_text().count("[") if journal.exists() else 0

        def report(self):
            with report.open(newline="") as lines:
                return Counter(line["result"] for line in csv.DictReader(lines))

    return Import()


def test_an_import_loses_nothing_while_it_is_killed_functions_crash_and_stores_fail(rig, imported, tmp_path):
    files, faults = organisation("cli"), Faults(rig, "Upload")
    folder = tmp_path / "photos"
    folder.mkdir()
    for user_id, data in files.items():
        (folder / f"{user_id}.jpg").write_bytes(data)

    with imported.start(folder) as first:
        eventually(lambda: imported.uploaded() >= 0.1 * PICTURES, SECONDS)
        first.kill()

    # While photos cannot be stored, the import cannot finish before Ctrl-C.
    with faults.reject("s3:PutObject", "store-unavailable"), imported.start(folder) as second:
        while not second.stderr.readline().startswith("Waiting for"):
            assert second.poll() is None
        second.send_signal(signal.SIGINT)
        assert "Run the same command again to resume." in second.communicate()[1]
    assert second.returncode == 130
    assert imported.report().total() == PICTURES
    assert imported.report()["unknown"] > 0

    with faults.reject("s3:PutObject", "store-unavailable"):
        third = imported.start(folder)
    with faults.throttle(imported.uploaded):
        pass
    faults.kill()
    with third:
        printed, errors = third.communicate()
    rejected = -(-PICTURES // 20)
    assert (third.returncode, errors.count("The file is not a picture")) == (1, rejected), errors
    report = imported.report()
    assert (report.total(), report["rejected"], report["missing"]) == (PICTURES, rejected, 0)
    assert printed.startswith(f"{report['accepted']} accepted, {report['unchanged']} unchanged, {rejected} rejected")
    assert_nothing_is_lost_and_nothing_twice(rig, files, "cli")

    with imported.start(folder) as fourth:
        assert fourth.communicate()[0].startswith(f"0 accepted, {PICTURES - rejected} unchanged, {rejected} rejected")
