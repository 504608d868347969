"""The sweep notices functions that receive nothing from their queue."""

import pytest

from local.stack import STACK
from tests.stack.test_faults import logged
from tests.stack.test_sweep import sweep


@pytest.fixture
def disabled(rig):
    """Disable ingest's event source mapping, as somebody may do during an incident and forget."""
    client, mapping = rig.client("lambda"), rig.physical_id("IngestFunctionQueue")
    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    yield
    client.update_event_source_mapping(UUID=mapping, Enabled=True)


def counted(rig):
    """Return the lines of the sweep's log that CloudWatch turns into the alarm's metric."""
    return [line for line in logged(rig, "SweepLogs", "_aws") if "ConsumerStopped" in line]


@pytest.mark.usefixtures("disabled")
def test_a_sweep_counts_and_names_a_consumer_that_is_disabled(rig):
    assert sweep(rig, "files", older_than=600)["queued"] == 0
    [metric] = counted(rig)
    assert (metric["Stack"], metric["ConsumerStopped"]) == (STACK, [1.0])
    [line] = logged(rig, "SweepLogs", "USER_INITIATED")
    assert line["message"] == "consumer stopped"
    assert line["consumer"] == rig.physical_id("IngestFunction")
    assert (line["level"], line["reason"]) == ("ERROR", "USER_INITIATED")


def test_a_sweep_counts_nothing_while_all_consumers_run(rig):
    before = counted(rig)
    assert sweep(rig, "files", older_than=600)["queued"] == 0
    assert counted(rig) == before
