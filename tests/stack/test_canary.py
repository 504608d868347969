"""The canary asks for a photo by its public URL, and fails unless Atlassian would accept the response."""

import json

import pytest
from flask import Flask, Response

from local.fake_okta import serving
from tests.awaiting import eventually
from tests.publish.deploying import update_stack

PATH = "/photos/_default.jpg"


@pytest.fixture(scope="module")
def site():
    """A site in front of the API, such as a CDN. `answer` is what it responds with."""
    app = Flask("site")

    @app.route(PATH)
    def photo():
        status, headers = app.config["ANSWER"]
        return Response(status=status, headers=headers)

    return app


@pytest.fixture(scope="module")
def run(rig, site):
    """Run the canary against the site's answer, and return its error message, None if it succeeds."""
    with serving(site) as url:
        update_stack(rig, BaseUrl=url, Canary="Enabled")
        function = rig.physical_id("CanaryFunction")

        def run(status, **headers):
            site.config["ANSWER"] = status, {name.replace("_", "-"): value for name, value in headers.items()}
            result = rig.client("lambda").invoke(FunctionName=function, Payload="{}")
            answer = json.load(result["Payload"])
            assert ("FunctionError" in result) is (answer is not None)
            return answer and answer["errorMessage"]

        yield run
        update_stack(rig, BaseUrl=rig.url, Canary="Disabled")


def test_a_photo_that_atlassian_would_accept_is_fine(run):
    assert run(200, Content_Type="image/jpeg") is None


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (404, {"Content_Type": "image/jpeg"}),
        (503, {"Content_Type": "application/problem+json"}),
        (301, {"Content_Type": "image/jpeg", "Location": PATH}),
        (200, {"Content_Type": "text/html"}),
    ],
)
def test_anything_else_fails_and_says_what_came(run, status, headers):
    message = run(status, **headers)
    assert f"returned {status} and {headers['Content_Type']}" in message


def test_a_failed_run_fires_the_alarm(rig, run):
    run(503, Content_Type="text/plain")
    cloudwatch, name = rig.client("cloudwatch"), rig.physical_id("CanaryAlarm")
    # The emulator evaluates alarms when somebody publishes a metric.
    cloudwatch.put_metric_data(Namespace="tests", MetricData=[{"MetricName": "any", "Value": 1}])
    [alarm] = eventually(lambda: cloudwatch.describe_alarms(AlarmNames=[name], StateValue="ALARM")["MetricAlarms"])
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": rig.physical_id("CanaryFunction")}]
