"""No test sees the developer's AWS settings, and tests that share a stack run in one process."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from functools import cache

import botocore.session
import pytest

# Groups that take longest, longest first: the other processes run the rest meanwhile. xdist itself would start with the
# groups of most tests (--no-loadscope-reorder in pyproject.toml).
LONGEST = [
    *("cli", "publish", "stack", "organisation", "life", "doctor", "tests/docs/test_replay.py"),
    *("tests/local/test_run.py", "tests/package/test_package.py", "tests/package/test_package_tools.py"),
    *("tests/stack/test_guard_rails.py", "tests/stack/test_guard_rails_access.py"),
    *("tests/local/test_leaving.py", "tests/local/test_destroy.py"),
    *("stores-ministack", "stores-moto"),
]


@pytest.fixture(scope="session", autouse=True)
def _no_aws_settings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("SAM_CLI_TELEMETRY", "0")
        patch.setenv("UV_PYTHON_DOWNLOADS", "never")  # builds would look for Python 3.13, ten seconds each time
        yield


@pytest.fixture(scope="session", autouse=True)
def _models_read_once() -> Iterator[None]:
    """Make all sessions of boto3 share the services' models: each would spend half a second to read its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c() -> None:
    """Handle Ctrl-C in started processes: a shell makes its background jobs, and their children, ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups after this hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put all tests that share a stack, or else a file, into one group, and the longest groups first."""
    names = Counter(item.nodeid for item in items)
    if repeated := sorted(name for name, count in names.items() if count > 1):
        raise pytest.UsageError(f"xdist runs only one of several tests with the same name: {repeated}")
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item)))
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(group(item), len(ranks)))


def group(item: pytest.Item) -> str:
    """Return the folder of a test that uses its folder's stack, or else its file.

    The stores' tests have a stack for each emulator. The import of a whole organisation takes so long that it is worth
    a stack of its own.
    """
    path = item.path.relative_to(item.config.rootpath)
    fixtures: list[str] = getattr(item, "fixturenames", [])
    if "aws" in fixtures:
        return f"{path.parts[1]}-{item.callspec.params['aws']}"  # type: ignore[attr-defined]  # set by parametrize
    if path.name == "test_whole_organisation.py":
        return "organisation"
    return path.parts[1] if "rig" in fixtures else path.as_posix()
