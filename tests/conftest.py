"""No test sees the AWS settings of the person who runs it, and those that share a stack share a process."""

import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest


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
        yield


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c() -> None:
    """Let what tests start hear Ctrl-C: a shell has its background jobs ignore it, and whatever these start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups after that
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process have all tests that share a stack or a file. Names are unique, or xdist skips."""
    names = Counter(item.nodeid for item in items)
    if repeated := sorted(name for name, count in names.items() if count > 1):
        raise pytest.UsageError(f"xdist would run only one of several tests that share a name: {repeated}")
    for item in items:
        folder = item.path.relative_to(item.config.rootpath).parts[1]
        shared = folder in {"stack", "publish", "cli", "stores"}
        item.add_marker(pytest.mark.xdist_group(folder if shared else str(item.path)))
