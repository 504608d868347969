"""The work that grows with the number of people, against stores that take no memory (tests/crowd.py)."""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

from headshot.reconcile import Summary, reconcile
from headshot.sweep import MOST_QUEUED
from headshot_cli import listing, output
from headshot_cli.sheet import contact_sheet
from headshot_cli.status import status
from headshot_cli.users import users
from tests.crowd import CrowdApi, CrowdStack, publisher, sweeper

Work = Callable[[int], object]


def _list(people: int) -> None:
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        output.show(listing.photos(CrowdApi(people)), as_json=False)


def _list_as_json(people: int) -> None:
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        output.show(listing.photos(CrowdApi(people)), as_json=True)


def _status(people: int) -> None:
    found = status(CrowdStack(people), CrowdApi(people))
    assert found.is_healthy
    assert found.photos.total == people


def _reconcile(people: int) -> None:
    run = reconcile(publisher(people), Mock(), Summary(), None, lambda: True)
    assert run.summary == Summary(unchanged=people)


def _sheet(people: int) -> None:
    found = Counter(piece.startswith("<li>") for piece in contact_sheet(users(CrowdApi(people))))
    assert found[True] == people


def _sweep(people: int) -> None:
    assert sweeper(people).supersede_photos(timedelta(0)) == 0


def _sweep_files(files: int) -> None:
    assert sweeper(0, files).queue_files(set(), timedelta(0), rejected=True) == min(files, MOST_QUEUED)


WORK: dict[str, Work] = {
    "headshot list": _list,
    "headshot list --json": _list_as_json,
    "headshot status": _status,
    "headshot contact-sheet": _sheet,
    "reconcile": _reconcile,
    "sweep, photos": _sweep,
    "sweep, files in the drop box": _sweep_files,
}
