"""`headshot doctor` for callers who may not do everything."""

import pytest

from tests.cli.permitted import actions, policies

# The permission without which a link is skipped, and words of the reason.
SKIPPED = {
    "cloudformation:ListStackResources": "functions",
    "lambda:GetFunctionConcurrency": "functions",
    "lambda:GetEventSourceMapping": "functions",
    "secretsmanager:GetSecretValue": "secret",
    "sqs:GetQueueAttributes": "queues",
    "dynamodb:GetItem": "user",
}

# Where MiniStack requires another permission than AWS.
EMULATED = {
    "lambda:GetFunctionConcurrency": "lambda:PutFunctionConcurrency",
    "lambda:GetEventSourceMapping": "lambda:ListEventSourceMappings",
}


@pytest.fixture
def allow(script):
    """Allow the role these actions only, and to read from the API."""
    return lambda actions: script.allow([EMULATED.get(action, action) for action in actions], policies("doctor"))


def test_without_a_permission_a_link_is_skipped_and_the_permission_is_named(patient, allow, diagnosed):
    patient.profile()["login"] = patient.profile()["email"] = "renamed@example.com"  # only the record has her id
    allowed = actions("doctor")
    assert set(allowed) == {"cloudformation:DescribeStacks", *SKIPPED}

    def skipped(*missing):
        allow([action for action in allowed if action not in missing])
        code, rows = diagnosed("ada")
        assert code == 0, rows
        return {
            link: row["detail"] for link, row in rows.items() if row["result"] == "not checked" and link != "directory"
        }

    assert skipped() == {}
    for missing, link in SKIPPED.items():
        found = skipped(missing)
        assert list(found) == [link]
        assert missing in found[link]


def test_without_the_secret_the_record_still_says_what_publish_found(patient, allow, diagnosed):
    patient.reported("failed", "Okta has 2 users called ada.")
    allow([action for action in actions("doctor") if not action.startswith("secretsmanager")])
    code, rows = diagnosed("ada")
    assert code == 1
    assert [row["link"] for row in rows.values() if row["result"] == "broken"] == ["published"]
    assert rows["published"]["detail"] == "Okta has 2 users called ada. Fix the cause, then run: headshot retry"
    assert rows["sign-in"] == {"link": "sign-in", "result": "not reached", "detail": "It depends on secret."}
