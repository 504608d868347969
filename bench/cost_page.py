"""Prints docs/cost.md: `make cost`."""

from collections.abc import Iterable, Sequence

from bench import bill, prices
from bench.bill import Item, times, total
from bench.prices import MILLION

PEOPLE = [500, 1_000, 10_000, 100_000]
PICTURES = 100_000

_PAGE = """# What it costs

In US dollars, for us-east-1 and arm64, at list prices as far as they were known in {priced}. AWS's free tiers are
not counted. Memory sizes, alarms and the access log's format are read from `template.yaml`; everything else is an
[assumption](#assumptions) or a [price](#prices). `make cost` writes this page. To calculate with your own figures,
change `bench/prices.py`.

## A month

With an identity provider and the defaults of all other parameters, for this many people:

{month}

The first import of everyone is extra: {import_} for {pictures} pictures ([the sum](#a-hundred-thousand-pictures)).

The fixed part, which does not depend on the number of people:

{fixed}

Without an identity provider there are six fewer alarms, one fewer queue and no secret. CloudWatch gives every account
ten alarms free of charge. These options cost extra: `DomainName` an alarm for its certificate (0.10), `Canary` an alarm
and 8,640 requests (0.15), `KmsKeyArn` a key (1.00) and its requests. Not included: the dashboard (3.00), if the account
has three others; a hosted zone in Route 53 (0.50), if you do not have one; mail from SNS; custom metrics, at up to 0.30
for each in a month in which it occurs all the time, and less in proportion to the hours with data
([which](operations.md#which-line-or-metric-answers-which-question)). Certificates of ACM are free.

## A million reads

{reads}

- The first column is `HEAD` of a version, which is what Atlassian requests first: one request of the HTTP API, one run
  of serve ({milliseconds} ms at {memory} MB), one request of S3 and one line in the access log.
- A cold start takes some {cold_seconds} s more: {cold} for a million, if each read meets one. At {people} people and
  {reads_a_month} reads each a month there are {per_minute} reads a minute, and few do.
- With [`EdgeCache`](parameters.md#edgecache), CloudFront reads versions from S3 itself. Errors, and current URLs that
  it has not cached, still come from the API: they cost what they cost without the edge, and 1.00 for CloudFront. Ten
  million requests and 1 TB a month are free for every account (Amazon CloudFront pricing), which makes the edge cheaper
  than the API for all but the largest organisations.
- Erasing a person invalidates the photos at the edge. A thousand paths a month are free; each further one costs 0.005.

### What logs cost

A read leaves one line of {line} bytes in the access log: {line_cost} for a million. The log is the record of who read
and who changed what, so it keeps all its fields.

Lambda would add two lines to each run, {system} bytes in all: {system_cost} for a million. `SystemLogLevel: WARN` in
the template keeps them out of the logs of runs that succeed. The metrics of Lambda have duration and errors, and no
alarm and no runbook needs the lines. serve itself logs reads at `LogLevel=DEBUG` only.

## A hundred thousand pictures

From the drop box to the identity provider, once for each new photo:

{picture_rows}

`headshot import` saves a PUT, a GET and the event, and adds a request of the HTTP API: {by_command}.

## Assumptions

{assumptions}

## Prices

{price_rows}
"""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> str:
    """Return a Markdown table whose first `texts` columns are text, and the others figures."""
    lines = [head, ["---"] * texts + ["--:"] * (len(head) - texts), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _usd(value: float) -> str:
    return f"{value:,.2f}"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.4g}"  # noqa: PLR2004  digits that a reader needs


def _sum(items: Iterable[Item]) -> str:
    """Return how the cost of these items is calculated."""
    return "; ".join(f"{_amount(item.quantity)} × {item.price.what} at {item.price}" for item in items)


def _by_service(items: Iterable[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.service, []).append(item)
    return found


def _sums(items: Sequence[Item], end: str) -> str:
    """Return a table with a row for each service, and the total."""
    rows = [[service, _sum(parts), _usd(total(parts))] for service, parts in _by_service(items).items()]
    return _table(["", "sum", "USD"], [*rows, [f"**{end}**", "", f"**{_usd(total(items))}**"]], texts=2)


def _month() -> str:
    bills = [bill.monthly(people) for people in PEOPLE]
    totals = [sum(map(total, parts.values())) for parts in bills]
    with_edge = [
        whole - total(parts["reads"]) + total(bill.edge_reads(people))
        for whole, parts, people in zip(totals, bills, PEOPLE, strict=True)
    ]
    rows = [[part, *(_usd(total(parts[part])) for parts in bills)] for part in bills[0]]
    rows.append(["**a month**", *(f"**{_usd(value)}**" for value in totals)])
    rows.append(["with `EdgeCache=Enabled`", *map(_usd, with_edge)])
    return _table(["", *(f"{people:,}" for people in PEOPLE)], rows)


def _reads() -> str:
    columns = {
        "HEAD": bill.READ,
        "GET": [*bill.READ, bill.BODY],
        "HEAD of a current URL": [*bill.READ, bill.RECORD],
        "edge, cached": bill.EDGE_HIT,
        "edge, not cached": bill.EDGE_MISS,
        "edge, GET, cached": [*bill.EDGE_HIT, bill.EDGE_BODY],
    }
    parts = {name: _by_service(times(MILLION, items)) for name, items in columns.items()}
    services = dict.fromkeys(service for found in parts.values() for service in found)
    rows = [
        [service, *(_usd(total(found[service])) if service in found else "" for found in parts.values())]
        for service in services
    ]
    rows.append(["**USD**", *(f"**{_usd(total(times(MILLION, items)))}**" for items in columns.values())])
    return _table(["", *columns], rows)


def _assumptions() -> str:
    queue_polls = f"{prices.POLLS:,} requests a month: five connections that wait for 20 seconds each"
    lines = [
        ("new photos for each person", f"{prices.PHOTOS_A_YEAR:g} a year"),
        ("reads of each photo", f"{prices.READS_A_MONTH} a month, of which {prices.GET_SHARE:.0%} are `GET`"),
        ("reads that CloudFront answers from its caches", f"{prices.EDGE_HIT_SHARE:.0%}"),
        ("size of a photo and of a record", f"{prices.PHOTO_KB} KB and {prices.RECORD_KB} KB"),
        ("time of a read, and of a cold start in addition", f"{prices.READ_SECONDS} s, {prices.COLD_START_SECONDS} s"),
        ("time of ingest for a picture ([load.md](load.md))", f"{prices.PICTURE_SECONDS} s"),
        ("time of relay and publish for a photo", f"{prices.PUBLISH_SECONDS} s"),
        ("time of the sweep, every ten minutes", f"{prices.SWEEP_SECONDS:g} s"),
        ("polling of each queue", queue_polls),
        ("logs of a picture", f"{prices.PICTURE_LOG_BYTES:,} bytes"),
    ]
    return _table(["", "assumed"], lines, texts=2)


def page() -> str:
    """Return the page."""
    pictures = times(PICTURES, bill.PICTURE)
    saved = [Item("", 1, prices.S3_WRITE), Item("", 1, prices.S3_READ), Item("", 1, prices.EVENT)]
    by_command = total(pictures) - total(times(PICTURES, saved)) + total([Item("", PICTURES, prices.HTTP_API)])
    people = PEOPLE[-1]
    return _PAGE.format(
        priced=prices.PRICED,
        month=_month(),
        import_=_usd(total(pictures)),
        pictures=f"{PICTURES:,}",
        fixed=_sums(bill.fixed(), "a month"),
        reads=_reads(),
        milliseconds=f"{1000 * prices.READ_SECONDS:.0f}",
        memory=f"{1024 * bill.memory_gb('ServeFunction'):.0f}",
        cold_seconds=prices.COLD_START_SECONDS,
        cold=_usd(bill.cold_start()),
        people=f"{people:,}",
        reads_a_month=prices.READS_A_MONTH,
        per_minute=f"{people * prices.READS_A_MONTH / (bill.DAYS * 24 * 60):.0f}",
        line=bill.access_log_bytes(),
        line_cost=_usd(MILLION * bill.logs(bill.access_log_bytes()).usd),
        system=bill.system_log_bytes(),
        system_cost=_usd(MILLION * bill.logs(bill.system_log_bytes()).usd),
        picture_rows=_sums(pictures, "once"),
        by_command=_usd(by_command),
        assumptions=_assumptions(),
        price_rows=_table(
            ["", "USD", "AWS's page"], [[price.what, str(price), price.page] for price in prices.PRICES], texts=3
        ),
    )


if __name__ == "__main__":
    print(page(), end="")
