"""The state of a stack: how many photos and files wait or failed, and which alarms are on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from headshot_cli.alarm_topics import obstacles
from headshot_cli.api import Api
from headshot_cli.bucket import lost, objects
from headshot_cli.stack import Stack
from headshot_cli.users import UNTRIED, label, publish_status, users

# By then three sweeps and one try by ingest have passed a file: one that is still there is a failure.
LATE_AFTER = timedelta(minutes=30)

# A photo takes seconds to reach publish. In a large import many take longer, at the identity provider's pace.
OVERDUE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Photos:
    """Counts of photos, in all and by publish status.

    `overdue` counts the photos that publish has not tried for OVERDUE_AFTER. It is 0 without an identity provider.
    `lost` counts the records whose photo is not in the bucket.
    """

    total: int
    by_status: Mapping[str, int]
    overdue: int
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Files:
    """Counts of files in the drop box: in all, and those that have been there for LATE_AFTER."""

    total: int
    late: int


@dataclass(frozen=True, slots=True)
class Queue:
    """Counts of messages that wait in a queue, and in its dead-letter queue."""

    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a stack.

    `ingest` counts files, `publish` photos; it is None without an identity provider. `failed_runs` counts runs of the
    sweep, reconcile and the canary, and batches of changes that relay could not queue. `alarms` describes the alarms
    that are on, `silent_alarms` says why alarms would not reach anyone.
    """

    photos: Photos
    drop_box: Files
    ingest: Queue
    publish: Queue | None
    failed_runs: int
    alarms: list[str]
    silent_alarms: list[str]

    @property
    def is_healthy(self) -> bool:
        """Whether nothing failed, nothing waits for too long, no alarm is on, and every alarm reaches someone."""
        return not (
            self.photos.by_status.get("failed")
            or self.photos.overdue
            or self.photos.lost
            or self.drop_box.late
            or self.ingest.failed
            or (self.publish and self.publish.failed)
            or self.failed_runs
            or self.alarms
            or self.silent_alarms
        )

    def public(self) -> dict[str, Any]:
        """Return the JSON for scripts."""
        return {"is_healthy": self.is_healthy} | asdict(self)

    def labelled(self) -> dict[str, int | list[str]]:
        """Return the lines for people, by their labels."""
        lines: dict[str, int | list[str]] = {"photos": self.photos.total}
        lines |= {f"photos {label(status)}": count for status, count in sorted(self.photos.by_status.items())}
        if self.photos.overdue:
            lines[f"photos {label(UNTRIED)} for {_minutes(OVERDUE_AFTER)}"] = self.photos.overdue
        if self.photos.lost:
            lines["photos lost from the bucket"] = self.photos.lost
        lines |= {
            "files in the drop box": self.drop_box.total,
            f"files there for over {_minutes(LATE_AFTER)}": self.drop_box.late,
            "files waiting": self.ingest.waiting,
            "failed files": self.ingest.failed,
        }
        if self.publish:
            lines |= {"photos waiting to be published": self.publish.waiting, "failed photos": self.publish.failed}
        return lines | {"failed runs": self.failed_runs, "alarms": self.alarms, "silent alarms": self.silent_alarms}


def status(stack: Stack, api: Api) -> Status:
    """Return the state of a stack. Raise StackError if it cannot be read."""
    has_publish = stack.has("PublishQueue")
    alarms = _alarms(stack)
    return Status(
        photos=_photos(stack, users(api), has_publish=has_publish),
        drop_box=_files(stack),
        ingest=queue(stack, "IngestQueue", "IngestDeadLetterQueue"),
        publish=queue(stack, "PublishQueue", "PublishDeadLetterQueue") if has_publish else None,
        failed_runs=messages(stack, "FailedRunsQueue"),
        alarms=[alarm["AlarmDescription"] for alarm in alarms if alarm["StateValue"] == "ALARM"],
        silent_alarms=obstacles(stack, alarms),
    )


def _photos(stack: Stack, records: Iterable[Mapping[str, Any]], *, has_publish: bool) -> Photos:
    """Count the photos, record by record."""
    by_status: Counter[str] = Counter()
    overdue, limit = 0, datetime.now(UTC) - OVERDUE_AFTER

    def counted() -> Iterator[Mapping[str, Any]]:
        nonlocal overdue
        for record in records:
            found = publish_status(record)
            by_status[found] += 1
            if has_publish and found == UNTRIED:
                overdue += datetime.fromisoformat(record["updated"]) < limit
            yield record

    missing = len(lost(stack, counted()))
    return Photos(by_status.total(), dict(by_status), overdue, missing)


def _files(stack: Stack) -> Files:
    """Count the files in the drop box. Folders that somebody created in the S3 console do not count."""
    total = late = 0
    limit = datetime.now(UTC) - LATE_AFTER
    for item in objects(stack, "dropbox/"):
        if item["Size"] or not item["Key"].endswith("/"):
            total += 1
            late += item["LastModified"] < limit
    return Files(total, late)


def queue(stack: Stack, name: str, dead_letter_queue: str) -> Queue:
    """Return the counts of a queue and its dead-letter queue, by the names of the stack's outputs."""
    return Queue(messages(stack, name), messages(stack, dead_letter_queue))


def messages(stack: Stack, output: str) -> int:
    """Return how many messages a queue holds, received ones included, by the name of the stack's output."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = stack.client("sqs").get_queue_attributes(QueueUrl=stack.output(output), AttributeNames=names)
    return sum(int(attributes["Attributes"][name]) for name in names)


def _alarms(stack: Stack) -> list[dict[str, Any]]:
    names = stack.resources("AWS::CloudWatch::Alarm")
    alarms: list[dict[str, Any]] = stack.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    return alarms


def _minutes(period: timedelta) -> str:
    return f"{period // timedelta(minutes=1)} minutes"
