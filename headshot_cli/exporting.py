"""Exports everyone's current photo, with a table of the records."""

import csv
import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any

from headshot.urls import check_user_id, photo_url
from headshot_cli.api import Api
from headshot_cli.output import writing
from headshot_cli.stack import StackError
from headshot_cli.users import publish_status, users

TABLE = "photos.csv"

# Photos that are requested at the same moment, and that are in memory at most.
_THREADS = 8
_BATCH = 64

# The columns of the table. `headshot import` needs the first two.
_COLUMNS = ["user_id", "file", "url", "version", "width", "height", "bytes", "created", "updated", "principal"]


def export_all(api: Api, folder: Path, tell: Callable[[str], None]) -> tuple[int, int]:
    """Write every current photo to `folder` as `<user_id>.jpg`, and the records to `photos.csv` beside them.

    Photos that are there already are not requested again, so a repeated call resumes. The table is written at the end:
    if it exists, the export is complete. Return how many photos there are, and how many were new. `tell` is called with
    a sentence about each person whose photo went in the meantime.

    Raises
    ------
    StackError
        If the API answers with an error, a photo is damaged, or a file cannot be written.
    """
    table, part = folder / TABLE, folder / f"{TABLE}.part"
    count = new = 0
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with writing(part), part.open("w", newline="", encoding="utf-8-sig") as file, ThreadPoolExecutor(_THREADS) as pool:
        lines = csv.writer(file)
        lines.writerow([*_COLUMNS, "published"])
        for batch in _batches(users(api)):
            for record, is_new in zip(batch, pool.map(partial(_save, api, folder), batch), strict=True):
                if is_new is None:
                    tell(f"{record['user_id']}: the photo was erased in the meantime.")
                    continue
                count, new = count + 1, new + is_new
                values = record | {"file": _file_name(record)}
                lines.writerow([*(values[name] for name in _COLUMNS), publish_status(record)])
    with writing(table):
        part.replace(table)
    return count, new


def _batches(records: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(records, _BATCH)):
        yield batch


def _file_name(record: dict[str, Any]) -> str:
    return f"{check_user_id(record['user_id'])}.jpg"


def _save(api: Api, folder: Path, record: dict[str, Any]) -> bool | None:
    """Write a photo unless it is there; return whether it was written, None if it no longer exists."""
    file = folder / _file_name(record)
    if file.exists():
        if _version(file.read_bytes()) == record["version"]:
            return False
        if file.name not in {other.name for other in folder.iterdir()}:
            raise StackError(
                f"{file} is another person's photo: the user ids differ in case only, and this file system does not"
                " tell them apart. Export to another file system."
            )
    response = api.exchange("GET", photo_url("", record["user_id"], record["version"]), headers={})
    if response.status == HTTPStatus.NOT_FOUND:
        return None
    if response.status != HTTPStatus.OK:
        raise StackError(f"{record['url']} answers {response}. Run the same command again to resume.")
    if _version(response.body) != record["version"]:
        raise StackError(f"{record['url']} is damaged: its bytes are not those of its version.")
    part = file.with_name(f"{file.name}.part")
    with writing(file):
        part.write_bytes(response.body)
        part.replace(file)
    return True


def _version(jpeg: bytes) -> str:
    """Return the version of a stored photo, which its URL contains: half of its SHA-256."""
    return hashlib.sha256(jpeg).hexdigest()[:32]
