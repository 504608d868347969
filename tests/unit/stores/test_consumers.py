"""Which event source mappings count as stopped."""

import boto3
import pytest
from botocore.stub import Stubber

from headshot.problems import StoreUnavailable
from headshot.stores.consumers import Consumers, StoppedConsumer

ARN = "arn:aws:lambda:us-east-1:123456789012:function:{}"


@pytest.fixture
def stub():
    client = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    with Stubber(client) as stub:
        yield stub


def uuid(name):
    """Return an id as long as those of Lambda."""
    return f"{name:-<36}"


def test_disabled_mappings_are_named_with_the_reason_that_lambda_gives(stub):
    states = {"ingest": "Enabled", "relay": "Disabled", "publish": "Disabling", "other": "Updating"}
    for name, state in states.items():
        response = {"FunctionArn": ARN.format(name), "State": state, "StateTransitionReason": f"why {name}"}
        stub.add_response("get_event_source_mapping", response, {"UUID": uuid(name)})
    stopped = Consumers(stub.client, map(uuid, states)).stopped()
    assert stopped == [StoppedConsumer("relay", "why relay"), StoppedConsumer("publish", "why publish")]


def test_a_lookup_that_fails_fails_the_sweep(stub):
    stub.add_client_error("get_event_source_mapping", "AccessDeniedException")
    with pytest.raises(StoreUnavailable):
        Consumers(stub.client, [uuid("ingest")]).stopped()
