"""Compares cold starts with that of a bare handler: `python -m bench.cold_start`, part of `make bench`."""

import compileall
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from http import HTTPStatus
from importlib import metadata
from pathlib import Path
from typing import Any

from bench import fake_aws
from bench.report import table
from bench.runtime import Package, cold_start
from local.stack import PROJECT

ROUNDS = 21

# The least that a function on S3 does with boto3, the client of a service included.
FLOOR = """
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    s3.head_object(Bucket="photos", Key="photos/ada/9f86d081884c7d659a2feaa0c55ad015.jpg")
    return {"statusCode": 200}
"""

VARIABLES = {
    "AWS_ACCESS_KEY_ID": "-",
    "AWS_SECRET_ACCESS_KEY": "-",
    "AWS_SESSION_TOKEN": "-",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": "f",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "BASE_URL": "https://photos.example.com",
    "ERASED_PHOTO": "Default",
    "IDENTITY_PROVIDER": "Okta",
    "IDENTITY_PROVIDER_ATTRIBUTE": "",
    "IDENTITY_PROVIDER_SECRET": "-",
    "IDENTITY_PROVIDER_TOKEN_URL": "",
    "INGEST_QUEUE": "https://sqs.us-east-1.amazonaws.com/1/ingest",
    "PHOTOS_BUCKET": "photos",
    "PUBLISH_DEAD_LETTER_QUEUE": "https://sqs.us-east-1.amazonaws.com/1/dead",
    "PUBLISH_QUEUE": "https://sqs.us-east-1.amazonaws.com/1/publish",
    "RECORDS_TABLE": "records",
    "STACK_NAME": "headshot",
    "UPLOADS_TABLE": "uploads",
    "UNVERSIONED_URLS": "Enabled",
}


@dataclass(frozen=True, slots=True)
class Start:
    """A function with its layer, the event in events/ that starts it, and how many floors it may take."""

    name: str
    function: str
    event: str
    most: float
    layer: str = ""


STARTS = [
    Start("serve, HEAD of a version", "serve", "serve-head-version", 0.65),
    Start("serve, HEAD of the current photo", "serve", "serve-head-current", 0.75),
    Start("upload, PUT of a photo", "upload", "upload-put-photo", 1.6, "Imaging"),
    Start("ingest, a file", "ingest", "ingest-queue", 1.7, "Imaging"),
    Start("publish, a photo", "publish", "publish-queue", 1.4, "Identity"),
]


def build(source: str, target: str, folder: Path) -> Path:
    """Build a function or a layer as `sam build` does, for this Python."""
    folder.mkdir()
    version = f"PYTHON_VERSION={sys.version_info.major}.{sys.version_info.minor}"
    command = ["make", "--silent", f"ARTIFACTS_DIR={folder}", version, f"build-{target}"]
    subprocess.run(command, cwd=PROJECT / source, check=True)
    return folder


def runtime(folder: Path) -> Path:
    """Install what Lambda's Python includes: a development environment has more, which boto3 would load as well."""
    pins = [f"{name}=={metadata.version(name)}" for name in ("awslambdaric", "boto3", "botocore", "urllib3")]
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", folder, *pins], check=True)
    compileall.compile_dir(folder, quiet=1)
    return folder


def packages(folder: Path, settings: dict[str, str]) -> dict[str, tuple[Package, Any]]:
    """Return what to start, by name, the floor first, each with its event."""
    shared, floor = runtime(folder / "runtime"), folder / "floor"
    floor.mkdir()
    (floor / "handler.py").write_text(FLOOR)
    compileall.compile_dir(floor, quiet=1)
    environment = VARIABLES | settings | {"PATH": os.environ["PATH"]}
    found: dict[str, tuple[Package, Any]] = {"floor": (Package("handler.handler", [floor, shared], environment), {})}
    built: dict[str, Path] = {}
    for start in STARTS:
        parts = [("functions", f"{start.function.title()}Function"), ("layers", f"{start.layer}Layer")]
        for source, target in parts[: 2 if start.layer else 1]:
            if target not in built:
                built[target] = build(source, target, folder / target)
        folders = [built[parts[0][1]], *([built[parts[1][1]] / "python"] if start.layer else []), shared]
        event = json.loads((PROJECT / f"events/{start.event}.json").read_text())
        found[start.name] = Package(f"{start.function}.handler.handler", folders, environment), event
    return found


def check(answer: Any) -> None:
    """Raise ValueError if a function has done anything but its work."""
    if answer.get("statusCode", HTTPStatus.OK) >= HTTPStatus.MULTIPLE_CHOICES or answer.get("batchItemFailures"):
        raise ValueError(answer)


def main() -> None:
    """Start all of them in turns, print the medians, and compare them with their limits."""
    runs: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name, fake_aws.running(Path(name)) as settings:
        started = packages(Path(name), settings)
        for _ in range(ROUNDS):
            for contender in random.sample(list(started), len(started)):
                seconds, answer = cold_start(*started[contender])
                check(answer)
                runs.setdefault(contender, []).append(seconds)
    floor = statistics.median(runs["floor"])
    rows = [["floor: boto3, one client, one HEAD", f"{1000 * floor:.0f}", "1.00", ""]]
    missed = []
    for start in STARTS:
        median = statistics.median(runs[start.name])
        rows.append([start.name, f"{1000 * median:.0f}", f"{median / floor:.2f}", f"{start.most}"])
        if median > start.most * floor:
            missed.append(f"{start.name}: {median / floor:.2f} × the floor")
    table("Cold starts, medians of CPU time", ["", "ms", "÷ floor", "at most"], rows)
    if missed:
        sys.exit("\nMissed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
