"""A failure is written into the record, is retried at the right pace, and shows no secret."""

import json
import traceback
from datetime import timedelta
from functools import partial
from unittest.mock import ANY

import pytest

from headshot.identity.errors import (
    ConfigurationError,
    IdentityError,
    PermanentError,
    TransientError,
    UnexpectedError,
    UnknownUserError,
)
from headshot.problems import StoreUnavailable
from headshot.publish import RETRY_PERIOD, Publisher, retry_delay
from headshot.record import Published
from tests.unit.examples import RECORD, TOMBSTONE
from tests.unit.memory import MemoryProvider
from tests.unit.publish.samples import ERASED_URL, TOO_OLD
from tests.unit.template import RESOURCES, TEMPLATE


@pytest.mark.parametrize(
    ("error", "age", "raised", "status"),
    [
        (TransientError("down"), timedelta(), TransientError, "retrying"),
        (TransientError("down"), TOO_OLD, PermanentError, "failed"),
        (ConfigurationError("wrong secret"), timedelta(), ConfigurationError, "retrying"),
        (ConfigurationError("wrong secret"), TOO_OLD, PermanentError, "failed"),
        (PermanentError("no attribute"), timedelta(), PermanentError, "failed"),
        (UnknownUserError("nobody"), timedelta(), UnknownUserError, "waiting"),
        (UnknownUserError("nobody"), TOO_OLD, PermanentError, "failed"),
    ],
)
def test_a_failure_is_written_into_the_record(records, error, age, raised, status):
    provider = MemoryProvider(error=error)
    publisher = Publisher(records, provider, ERASED_URL)
    for attempts in (1, 2):
        with pytest.raises(raised, match=str(error)):
            publisher.publish("ada", age=age)
        published = records.items["ada"].published
        assert (published.status, published.attempts, published.error) == (status, attempts, str(error))
    provider.error = None
    publisher.publish("ada")
    published = records.items["ada"].published
    assert (published.status, published.attempts, published.error) == ("published", 3, None)


@pytest.mark.parametrize("repairs", [False, True])
def test_an_unexpected_error_is_retried_a_few_times_and_its_message_is_not_shown(records, repairs):
    publisher = Publisher(records, MemoryProvider(error=ValueError("Invalid header value b'SSWS known'")), ERASED_URL)
    call = partial(publisher.repair, RECORD) if repairs else partial(publisher.publish, "ada", 4)
    with pytest.raises(UnexpectedError) as unexpected:
        call()
    with pytest.raises(PermanentError) as failed:
        publisher.publish("ada", tries=5)
    published = records.items["ada"].published
    assert (published.status, published.error) == ("failed", str(unexpected.value))
    for error in (unexpected.value, failed.value):
        assert "ValueError" in str(error)
        assert "known" not in "".join(traceback.format_exception(error))


def test_delays_grow_and_are_never_shorter_than_the_vendor_asks():
    down = TransientError("down")
    delays = [retry_delay(down, tries) for tries in range(1, 30)]
    assert delays[0] >= 2
    assert delays[5] > delays[0]
    assert max(delays) <= 1200 * 1.2
    assert retry_delay(TransientError("limit", 90), 1) >= 90
    assert retry_delay(TransientError("limit", 90), 20) >= 1200
    assert retry_delay(StoreUnavailable(), 1) < 3
    assert RETRY_PERIOD.days == 1


@pytest.mark.parametrize("error", [ConfigurationError("wrong secret"), UnknownUserError("nobody")])
def test_errors_that_need_an_administrator_or_an_account_are_retried_slowly(error):
    assert 60 <= retry_delay(error, 1) <= 72
    assert 120 <= retry_delay(error, 2) <= 144
    assert 1200 <= retry_delay(error, 20) <= 1440


@pytest.mark.parametrize("repairs", [False, True])
@pytest.mark.parametrize("entry", [RECORD, TOMBSTONE])
def test_a_configuration_error_is_retried_for_a_day_and_counted_for_the_alarm(repairs, entry, records, capsys):
    records.items["ada"] = entry
    publisher = Publisher(records, MemoryProvider(error=ConfigurationError("wrong secret")), ERASED_URL)
    with pytest.raises(ConfigurationError):
        publisher.repair(entry) if repairs else publisher.publish("ada", tries=50)
    assert records.items["ada"].published == Published("retrying", ANY, 1, "wrong secret")
    line = json.loads(capsys.readouterr().out)
    alarm = RESOURCES["IdentityProviderRefusedAlarm"]["Properties"]
    [dimension] = alarm["Dimensions"]
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["STACK_NAME"] == dimension["Value"] == {"Ref": "AWS::StackName"}
    assert line["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": alarm["Namespace"],
            "Dimensions": [[dimension["Name"]]],
            "Metrics": [{"Name": alarm["MetricName"], "Unit": "Count"}],
        }
    ]
    assert (line[dimension["Name"]], line[alarm["MetricName"]]) == ("headshot", [1.0])
    with pytest.raises(PermanentError, match=r"wrong secret It is no longer retried\."):
        publisher.publish("ada", age=TOO_OLD)
    assert records.items["ada"].published.status == "failed"


def test_other_errors_are_not_counted_for_the_alarm(records, capsys):
    for error in (
        TransientError("down"),
        UnknownUserError("nobody"),
        PermanentError("no attribute"),
        ValueError("bug"),
    ):
        with pytest.raises(IdentityError):
            Publisher(records, MemoryProvider(error=error), ERASED_URL).publish("ada")
    assert "IdentityProviderRefused" not in capsys.readouterr().out
