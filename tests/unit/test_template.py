"""What template.yaml promises and no emulator shows."""

import importlib
import json
import re
import tomllib
from pathlib import Path

import pytest
from samcli.yamlhelper import yaml_parse

from headshot import __version__, ingest, publish
from headshot.stores import queues

PROJECT = Path(__file__).parents[2]
TEXT = (PROJECT / "template.yaml").read_text()
TEMPLATE = yaml_parse(TEXT)
RESOURCES = TEMPLATE["Resources"]


def of_type(kind):
    return {name: resource for name, resource in RESOURCES.items() if resource["Type"] == kind}


def listed(value):
    return value if isinstance(value, list) else [value]


def statements():
    """Every statement that some policy in the template makes, with the resource that it stands in."""
    for name, resource in RESOURCES.items():
        properties = resource["Properties"]
        inline = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        for document in [*inline, properties.get("PolicyDocument", {"Statement": []})]:
            for statement in document["Statement"]:
                yield name, statement


ALLOWED = [(name, statement) for name, statement in statements() if statement["Effect"] == "Allow"]


def test_policies_are_found_at_all():
    roles = ("ServeRole", "UploadRole", "IngestRole", "SweepRole", "RelayRole", "PublishRole", "ReconcileRole")
    policies = ("ReconcileContinuePolicy", "IngestQueuePolicy", "IngestDeadLetterQueuePolicy", "CallerPolicy")
    assert {name for name, _ in ALLOWED} == {*roles, *policies}


@pytest.mark.parametrize(("name", "statement"), ALLOWED)
def test_nothing_is_allowed_by_a_wildcard_action_or_on_every_resource(name, statement):
    assert "NotAction" not in statement
    assert "NotResource" not in statement
    for action in listed(statement["Action"]):
        assert re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action), f"{name} allows {action}"
    for resource in listed(statement["Resource"]):
        assert resource != "*", f"{name} allows {statement['Action']} on everything"


def test_no_function_takes_a_sam_policy_template_a_connector_or_a_role_made_for_it():
    for name, function in of_type("AWS::Serverless::Function").items():
        assert function["Properties"]["Role"] == {"Fn::GetAtt": [name.replace("Function", "Role"), "Arn"]}
        assert "Policies" not in function["Properties"]
        assert "Connectors" not in function
    assert not of_type("AWS::Serverless::Connector")


def test_no_role_takes_a_managed_policy():
    for role in of_type("AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role["Properties"]


def test_serve_can_only_read():
    """And list photos: else S3 would answer 403 for a missing one, as it does for one that serve may not read."""
    actions = {action for name, statement in ALLOWED if name == "ServeRole" for action in listed(statement["Action"])}
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert actions == {"s3:GetObject", "s3:ListBucket", "dynamodb:GetItem"} | logs


@pytest.mark.parametrize("role", ["ServeRole", "UploadRole", "IngestRole"])
def test_whoever_reads_photos_may_list_them_and_nothing_else(role):
    [listing] = [item for name, item in ALLOWED if name == role and item["Action"] == "s3:ListBucket"]
    assert listing["Resource"] == {"Fn::GetAtt": ["PhotosBucket", "Arn"]}
    assert "Condition" not in listing  # AWS does not say that s3:prefix is set when an object is read
    read = [
        resource["Fn::Sub"].removeprefix("${PhotosBucket.Arn}/")
        for name, item in ALLOWED
        if name == role and "s3:GetObject" in listed(item["Action"])
        for resource in listed(item["Resource"])
    ]
    assert read == ["photos/*", "superseded/*"]


def test_without_an_identity_provider_nothing_of_publish_exists():
    others = {name for name, resource in RESOURCES.items() if "Condition" not in resource}
    assert others == {
        *("Api", "AccessLogs", "ServeFunction", "ServeRole", "ServeLogs", "UploadFunction", "UploadRole", "UploadLogs"),
        *("ImagingLayer", "PhotosBucket", "PhotosBucketPolicy", "RecordsTable", "CallerPolicy", "DropBoxRule"),
        *("IngestQueue", "IngestQueuePolicy", "IngestDeadLetterQueue", "IngestFunction", "IngestRole", "IngestLogs"),
        *("SweepFunction", "SweepRole", "SweepLogs", "IngestDeadLetterQueuePolicy", "SweepErrorsAlarm"),
        *("UploadsTable", "ApiErrorsAlarm", "ServeThrottlesAlarm", "IngestDeadLetterAlarm"),
    }
    assert TEMPLATE["Parameters"]["IdentityProvider"]["Default"] == "None"


def test_the_schedule_starts_reconcile_and_has_it_go_on():
    [target] = RESOURCES["ReconcileRule"]["Properties"]["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["ReconcileFunction", "Arn"]}
    assert json.loads(target["Input"]) == {"continue": True}
    permission = RESOURCES["ReconcileRulePermission"]["Properties"]
    assert permission["SourceArn"] == {"Fn::GetAtt": ["ReconcileRule", "Arn"]}
    assert TEMPLATE["Parameters"]["ReconcileSchedule"]["Default"] == ""


def test_events_that_cannot_be_delivered_reach_the_dead_letter_queue_that_the_alarm_watches():
    [target] = RESOURCES["DropBoxRule"]["Properties"]["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["IngestDeadLetterQueue", "Arn"]}}
    [statement] = RESOURCES["IngestDeadLetterQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["DropBoxRule", "Arn"]}}}
    [dimension] = RESOURCES["IngestDeadLetterAlarm"]["Properties"]["Dimensions"]
    assert dimension["Value"] == {"Fn::GetAtt": ["IngestDeadLetterQueue", "QueueName"]}


def test_the_sweep_looks_for_files_every_ten_minutes_and_for_photos_every_day():
    events = [event["Properties"] for event in RESOURCES["SweepFunction"]["Properties"]["Events"].values()]
    assert {event["Schedule"]: json.loads(event["Input"]) for event in events} == {
        "rate(10 minutes)": {"task": "files", "older_than": 600},
        "rate(1 day)": {"task": "photos", "older_than": 1200},
    }
    assert all(function["Properties"]["Timeout"] < 1200 for function in of_type("AWS::Serverless::Function").values())


def test_a_message_stays_invisible_for_six_times_the_functions_time():
    for name in ("Publish", "Ingest"):
        function, queue = RESOURCES[f"{name}Function"]["Properties"], RESOURCES[f"{name}Queue"]["Properties"]
        assert queue["VisibilityTimeout"] == 6 * function["Timeout"]


def test_no_delay_is_longer_than_sqs_allows_after_the_longest_run():
    """The 12 hours count from when the message was received ("ChangeMessageVisibility", SQS API reference)."""
    assert queues._LONGEST + RESOURCES["PublishFunction"]["Properties"]["Timeout"] < 43_200


def test_publish_gives_up_before_its_queue_does():
    """The queue counts how often it gave a message out, publish how old it is and whom to tell."""
    tries = RESOURCES["PublishQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]
    delays = [min(publish.FIRST_DELAY * 2**n, publish.LONGEST_DELAY) for n in range(tries - 1)]
    assert sum(delays) > publish.RETRY_PERIOD.total_seconds()


def test_ingest_tries_ten_times_within_an_hour_and_quickly_at_first():
    """A message moves to the dead-letter queue when it becomes visible after its last try."""
    tries = RESOURCES["IngestQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]
    delays = [ingest.retry_delay(number) for number in range(1, tries + 1)]
    assert tries == 10
    assert delays[0] < 5
    assert 50 * 60 < sum(delays) < 62 * 60


def test_the_streams_filter_is_of_the_form_that_aws_documents():
    """DynamoDB's events are filtered by the key `dynamodb` ("Using event filtering with a DynamoDB event source")."""
    properties = RESOURCES["RelayFunction"]["Properties"]["Events"]["Changes"]["Properties"]
    patterns = [json.loads(item["Pattern"]) for item in properties["FilterCriteria"]["Filters"]]
    assert patterns == [{"dynamodb": {"NewImage": {"pending": {"BOOL": [True]}}}}]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://example.okta.com", True),
        ("https://api.pingone.eu/v1/environments/abfba8f6", True),
        ("http://127.0.0.1:4600", True),
        ("http://example.okta.com", False),
        ("http://127.0.0.1.example.com:80", False),
        ("https://example.okta.com/", False),
        ("example.okta.com", False),
    ],
)
def test_credentials_go_over_https_or_stay_on_this_machine(url, allowed):
    for name, path in (("IdentityProviderUrl", ""), ("IdentityProviderTokenUrl", "/token")):
        pattern = TEMPLATE["Parameters"][name]["AllowedPattern"]
        address = url if url.endswith("/") else url + path
        assert bool(re.fullmatch(pattern, address)) is allowed


def test_every_resource_has_a_line_that_says_why():
    lines = TEXT[TEXT.index("\nResources:") : TEXT.index("\nOutputs:")].splitlines()
    names = [index for index, line in enumerate(lines) if re.match(r"  [A-Z]\w+:$", line)]
    assert len(names) == len(RESOURCES)
    assert [lines[index].strip() for index in names if not re.match(r"  # \w.+\.$", lines[index - 1])] == []


def test_photos_and_records_outlive_the_stack():
    for name in ("PhotosBucket", "RecordsTable"):
        assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_superseded_photos_expire_after_30_days_and_current_ones_never():
    rules = RESOURCES["PhotosBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    expiring = [(rule["Prefix"], rule["ExpirationInDays"]) for rule in rules if "ExpirationInDays" in rule]
    assert expiring == [("superseded/", 30), ("rejected/", 14), ("dropbox/", 14)]
    assert all(rule["Status"] == "Enabled" for rule in rules)


def test_dynamodb_deletes_outcomes_when_their_time_is_over():
    expiry = RESOURCES["UploadsTable"]["Properties"]["TimeToLiveSpecification"]
    assert expiry == {"AttributeName": "expires_at", "Enabled": True}


def test_the_table_can_be_restored_to_any_point_in_time():
    recovery = RESOURCES["RecordsTable"]["Properties"]["PointInTimeRecoverySpecification"]
    assert recovery == {"PointInTimeRecoveryEnabled": True}


def test_every_function_logs_json_to_a_group_with_retention():
    for function in of_type("AWS::Serverless::Function").values():
        logging = function["Properties"]["LoggingConfig"]
        assert logging["LogFormat"] == "JSON"
        group = RESOURCES[logging["LogGroup"]["Ref"]]["Properties"]
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_functions_run_python_3_13_on_arm64_unless_told_otherwise():
    assert TEMPLATE["Globals"]["Function"]["Runtime"] == "python3.13"
    assert TEMPLATE["Globals"]["Function"]["Architectures"] == [{"Ref": "Architecture"}]
    assert TEMPLATE["Parameters"]["Architecture"]["Default"] == "arm64"


def test_every_parameter_is_described_has_a_default_and_is_bounded():
    for name, parameter in TEMPLATE["Parameters"].items():
        assert parameter.keys() >= {"Description", "Default"}, name
        assert parameter.keys() & {"AllowedPattern", "AllowedValues", "MinValue"}, name


def test_writing_needs_a_signature_and_reading_needs_none():
    for function in of_type("AWS::Serverless::Function").values():
        for event in function["Properties"].get("Events", {}).values():
            path = event["Properties"].get("Path", "")
            authorizer = event["Properties"].get("Auth", {}).get("Authorizer")
            assert authorizer == ("AWS_IAM" if path.startswith(("/users/", "/uploads")) else None)


@pytest.mark.parametrize("function", ["serve", "upload"])
def test_every_route_of_a_function_is_one_that_its_handler_knows(function, monkeypatch):
    """And public for the handler exactly where API Gateway asks for no signature."""
    monkeypatch.setenv("PHOTOS_BUCKET", "bucket")
    monkeypatch.setenv("RECORDS_TABLE", "table")
    monkeypatch.setenv("UPLOADS_TABLE", "table")
    handler = importlib.import_module(f"{function}.handler")
    events = RESOURCES[f"{function.capitalize()}Function"]["Properties"]["Events"].values()
    declared = {
        f"{event['Method']} {event['Path']}" if "Path" in event else "$default": "Auth" not in event
        for event in (event["Properties"] for event in events)
    }
    assert {key: route.public for key, route in handler.ROUTES.items()} == declared


def test_no_function_takes_itself_for_one_that_sam_local_runs():
    """AWS_SAM_LOCAL opens the routes of IAM, and only SAM CLI sets it."""
    assert "AWS_SAM_LOCAL" not in TEXT


@pytest.mark.parametrize("name", [*TEMPLATE["Parameters"], *TEMPLATE["Outputs"]])
def test_the_readme_explains_every_parameter_and_output(name):
    assert f"`{name}`" in (PROJECT / "README.md").read_text()


def test_there_is_one_version():
    assert tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"] == __version__
