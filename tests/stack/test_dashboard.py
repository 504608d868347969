"""The dashboard is valid, and shows only what exists."""

import json

import pytest

from tests.fakes.systems import PROVIDERS
from tests.publish.deploying import identity_provider, update_stack


@pytest.fixture
def dashboard(rig):
    """Return the metrics of the deployed dashboard by the title of their graph."""

    def read():
        [entry] = rig.client("cloudwatch").list_dashboards()["DashboardEntries"]
        body = rig.client("cloudwatch").get_dashboard(DashboardName=entry["DashboardName"])["DashboardBody"]
        graphs = [widget["properties"] for widget in json.loads(body)["widgets"]]
        return {graph["title"]: [metric[-1]["label"] for metric in graph["metrics"]] for graph in graphs}

    return read


def test_the_dashboard_shows_the_functions_and_queues_of_the_stack(rig, dashboard):
    graphs = dashboard()
    assert graphs["Errors of functions"] == graphs["Throttled functions"] == ["serve", "upload", "ingest", "sweep"]
    assert graphs["Dead letters"] == ["files", "runs"]
    with identity_provider(rig, PROVIDERS["okta"]()):
        graphs = dashboard()
        assert graphs["Errors of functions"][4:] == ["relay", "publish", "reconcile"]
        assert graphs["Dead letters"] == ["files", "runs", "photos"]
        assert graphs["Messages that wait"] == ["files", "photos"]
        assert sum(map(len, graphs.values())) <= 50  # CloudWatch charges for more


def test_the_dashboard_can_be_disabled(rig):
    update_stack(rig, Dashboard="Disabled")
    assert rig.client("cloudwatch").list_dashboards()["DashboardEntries"] == []
    update_stack(rig, Dashboard="Enabled")
