"""The page for callers names every problem and route."""

import re

from headshot.problems import ImageProblem, Problem, StoreUnavailable
from local.stack import PROJECT
from tests.unit.template import RESOURCES

API = (PROJECT / "docs/api.md").read_text("utf-8")

PROBLEMS = re.findall(r"^\| (\d{3}) \| `([a-z0-9-]+)` \|", API, re.MULTILINE)


def documented_routes():
    """Return each method and path of the table of routes, with the names that the template gives path parameters."""
    rows = re.findall(r"^\| (`[A-Z]+`(?:, `[A-Z]+)?[^|]*|`[A-Z]+ [^|]*)\|", API, re.MULTILINE)
    for row in rows:
        *methods, last = [part.strip("` ") for part in row.split(",")]
        method, path = last.split(" ")
        for name in (*methods, method):
            yield name, re.sub(r"{\w+}\.jpg$", "{file}", path)


def test_the_table_of_problems_has_every_code_with_its_status():
    kinds = {*Problem.__subclasses__(), *StoreUnavailable.__subclasses__()} - {ImageProblem}
    statuses = {kind.code: kind.status for kind in kinds}
    statuses |= ImageProblem.STATUSES
    assert sorted(PROBLEMS) == sorted((str(int(status)), code) for code, status in statuses.items())


def test_the_table_of_routes_has_every_route_of_the_template():
    events = [
        event["Properties"]
        for name in ("ServeFunction", "UploadFunction")
        for event in RESOURCES[name]["Properties"]["Events"].values()
    ]
    assert set(documented_routes()) == {(event["Method"], event["Path"]) for event in events if "Path" in event}
