"""What template.yaml promises and no emulator shows."""

import re
import tomllib

from headshot import __version__
from tests.unit.template import FUNCTIONS, PROJECT, RESOURCES, TEMPLATE, TEXT


def test_every_resource_has_a_comment_that_says_why():
    lines = TEXT[TEXT.index("\nResources:") : TEXT.index("\nOutputs:")].splitlines()
    names = [index for index, line in enumerate(lines) if re.match(r"  [A-Z]\w+:$", line)]
    assert len(names) == len(RESOURCES)
    assert [lines[index].strip() for index in names if not re.match(r"  # \w.+\.$", lines[index - 1])] == []


def test_photos_and_records_outlive_the_stack():
    for name in ("PhotosBucket", "RecordsTable"):
        assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_the_records_are_protected_against_deletion_and_what_the_stack_deletes_is_not():
    assert RESOURCES["RecordsTable"]["Properties"]["DeletionProtectionEnabled"] is True
    assert "DeletionProtectionEnabled" not in RESOURCES["UploadsTable"]["Properties"]  # `sam delete` would fail


def test_superseded_photos_expire_after_30_days_and_current_ones_never():
    rules = RESOURCES["PhotosBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    expiring = [(rule["Prefix"], rule["ExpirationInDays"]) for rule in rules if "ExpirationInDays" in rule]
    assert expiring == [("superseded/", 30), ("rejected/", 14), ("dropbox/", 14)]
    assert all(rule["Status"] == "Enabled" for rule in rules)


def test_unfinished_multipart_uploads_are_deleted_after_a_day_under_every_prefix():
    rules = RESOURCES["PhotosBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    [rule] = [rule for rule in rules if "AbortIncompleteMultipartUpload" in rule]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert rule["Status"] == "Enabled"
    assert not rule.keys() & {"Prefix", "TagFilters"}


def test_dynamodb_deletes_expired_uploads():
    for table in ("UploadsTable", "RecordsTable"):  # of the records, only confirmed tombstones have the attribute
        expiry = RESOURCES[table]["Properties"]["TimeToLiveSpecification"]
        assert expiry == {"AttributeName": "expires_at", "Enabled": True}


def test_the_records_can_be_restored_to_any_point_in_time():
    recovery = RESOURCES["RecordsTable"]["Properties"]["PointInTimeRecoverySpecification"]
    assert recovery == {"PointInTimeRecoveryEnabled": True}


def test_every_function_logs_json_to_a_group_with_retention():
    level = {"Ref": "LogLevel"}
    function = TEMPLATE["Globals"]["Function"]
    assert function["LoggingConfig"] == {"LogFormat": "JSON", "ApplicationLogLevel": level, "SystemLogLevel": "WARN"}
    assert function["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] == level
    for function in FUNCTIONS.values():
        logging = function["Properties"]["LoggingConfig"]
        group = RESOURCES[logging["LogGroup"]["Ref"]]["Properties"]
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_access_logs_need_no_entry_of_their_own_in_the_resource_policy_of_the_account():
    name = RESOURCES["AccessLogs"]["Properties"]["LogGroupName"]
    assert name == {"Fn::Sub": "/aws/vendedlogs/${AWS::StackName}/access"}


def test_no_function_believes_that_sam_local_runs_it():
    """AWS_SAM_LOCAL opens the signed routes. Only SAM CLI may set it."""
    assert "AWS_SAM_LOCAL" not in TEXT


def test_there_is_one_version():
    assert tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"] == __version__
