"""Adds up what reads, pictures and a stack cost, from the template and `bench.prices`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bench import prices
from bench.prices import MILLION, Price
from tests.unit.template import RESOURCES, TEMPLATE, of_type

KB_IN_GB, BYTES_IN_GB, MONTHS, DAYS = 1_000_000, 1_000_000_000, 12, 30


@dataclass(frozen=True, slots=True)
class Item:
    """So many units of something at its price. `quantity` is in the price's units, such as requests or GB."""

    service: str
    quantity: float
    price: Price

    @property
    def usd(self) -> float:
        """Dollars."""
        return self.quantity * self.price.usd / self.price.per


def total(items: Iterable[Item]) -> float:
    """Return the sum in dollars."""
    return sum(item.usd for item in items)


def times(count: float, items: Iterable[Item]) -> list[Item]:
    """Return `count` times these items."""
    return [Item(item.service, item.quantity * count, item.price) for item in items]


def memory_gb(function: str) -> float:
    """Return the memory of a function of the template."""
    default = TEMPLATE["Globals"]["Function"]["MemorySize"]
    megabytes: int = RESOURCES[function]["Properties"].get("MemorySize", default)
    return megabytes / 1024


def access_log_bytes() -> int:
    """Return the size of the line that a read leaves in the access log."""
    line = RESOURCES["Api"]["Properties"]["AccessLogSettings"]["Format"]
    return len(re.sub(r"\$context\.([\w.]+)", lambda found: prices.REQUEST[found[1]], line)) + prices.LINE_OVERHEAD


def system_log_bytes() -> int:
    """Return the size of the lines that Lambda would log of every run at its level INFO."""
    return sum(len(line) + prices.LINE_OVERHEAD for line in prices.SYSTEM_LINES)


def logs(size: float) -> Item:
    """Return that many bytes of logs."""
    return Item("CloudWatch Logs", size / BYTES_IN_GB, prices.LOG_GB)


def runs(function: str, seconds: float, count: float = 1) -> list[Item]:
    """Return so many runs of a function."""
    return [
        Item("Lambda", count, prices.LAMBDA_REQUEST),
        Item("Lambda", count * seconds * memory_gb(function), prices.LAMBDA_GB_SECOND),
    ]


# One HEAD of a version, through the API; what a GET adds; and what a current URL adds, whose record is read first.
READ = [
    Item("HTTP API", 1, prices.HTTP_API),
    *runs("ServeFunction", prices.READ_SECONDS),
    Item("S3", 1, prices.S3_READ),
    logs(access_log_bytes()),
]
BODY = Item("transfer", prices.PHOTO_KB / KB_IN_GB, prices.TRANSFER)
RECORD = Item("DynamoDB", 1, prices.TABLE_READ)

# The same with CloudFront in front of S3 and the API.
EDGE_HIT = [Item("CloudFront", 1, prices.EDGE)]
EDGE_MISS = [*EDGE_HIT, Item("S3", 1, prices.S3_READ)]
EDGE_BODY = Item("transfer", prices.PHOTO_KB / KB_IN_GB, prices.EDGE_GB)

# One picture through the drop box, until the identity provider has its URL.
PICTURE = [
    Item("S3", prices.PICTURE_WRITES, prices.S3_WRITE),
    Item("S3", prices.PICTURE_READS, prices.S3_READ),
    *runs("IngestFunction", prices.PICTURE_SECONDS),
    *runs("PublishFunction", prices.PUBLISH_SECONDS / (prices.PICTURE_RUNS - 1), prices.PICTURE_RUNS - 1),
    Item("DynamoDB", prices.PICTURE_TABLE_WRITES, prices.TABLE_WRITE),
    Item("DynamoDB", prices.PICTURE_TABLE_READS, prices.TABLE_READ),
    Item("SQS, EventBridge", prices.PICTURE_MESSAGES, prices.SQS),
    Item("SQS, EventBridge", 1, prices.EVENT),
    logs(prices.PICTURE_LOG_BYTES),
]


def alarms() -> int:
    """Return how many alarms a stack with an identity provider has, without options."""
    return sum(
        alarm.get("Condition") in {None, "HasIdentityProvider"} for alarm in of_type("AWS::CloudWatch::Alarm").values()
    )


def fixed() -> list[Item]:
    """Return what a stack with an identity provider costs a month before anyone has a photo."""
    return [
        Item("CloudWatch", alarms(), prices.ALARM),
        Item("SQS", prices.QUEUES * prices.POLLS, prices.SQS),
        Item("Secrets Manager", 1, prices.SECRET),
        *(
            Item("the sweep", item.quantity, item.price)
            for item in runs("SweepFunction", prices.SWEEP_SECONDS, prices.SWEEPS)
        ),
        Item("the sweep", prices.SWEEPS, prices.S3_WRITE),
    ]


def edge_reads(people: int) -> list[Item]:
    """Return what a month's reads cost with CloudFront in front."""
    reads, hits = people * prices.READS_A_MONTH, prices.EDGE_HIT_SHARE
    both = [*times(hits, EDGE_HIT), *times(1 - hits, EDGE_MISS), *times(prices.GET_SHARE, [EDGE_BODY])]
    return times(reads, both)


def monthly(people: int) -> dict[str, list[Item]]:
    """Return what a month costs for so many people, by part."""
    reads = people * prices.READS_A_MONTH
    stored, records = people * prices.PHOTO_KB / KB_IN_GB, people * prices.RECORD_KB / KB_IN_GB
    return {
        "fixed": fixed(),
        "reads": [*times(reads, READ), *times(reads * prices.GET_SHARE, [BODY])],
        "new photos": times(people * prices.PHOTOS_A_YEAR / MONTHS, PICTURE),
        "storage": [
            Item("S3", stored, prices.S3_GB),
            Item("DynamoDB", records, prices.TABLE_GB),
            Item("DynamoDB", records, prices.BACKUP_GB),
        ],
        # The daily sweep lists every photo, a thousand at a time, and reads every record.
        "daily comparison": [
            Item("S3", DAYS * people / 1000, prices.S3_WRITE),
            Item("DynamoDB", DAYS * people, prices.TABLE_READ),
        ],
    }


def cold_start() -> float:
    """Return what a cold start of serve adds to a million reads, if every one meets one."""
    return MILLION * prices.COLD_START_SECONDS * memory_gb("ServeFunction") * prices.LAMBDA_GB_SECOND.usd
