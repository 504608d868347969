"""Logs that are the organisation's own, so that they outlive the stack."""

from tests.unit.template import RESOURCES

NO_VALUE = {"Ref": "AWS::NoValue"}


def test_the_bucket_logs_requests_to_a_bucket_of_the_organisation_under_the_name_of_the_stack():
    condition, logging, otherwise = RESOURCES["PhotosBucket"]["Properties"]["LoggingConfiguration"]["Fn::If"]
    assert (condition, otherwise) == ("HasAccessLogBucket", NO_VALUE)
    assert logging == {
        "DestinationBucketName": {"Ref": "AccessLogBucket"},
        "LogFilePrefix": {"Fn::Sub": "${AWS::StackName}/"},
    }


def test_a_log_group_of_the_organisation_replaces_that_of_the_stack():
    assert RESOURCES["AccessLogs"]["Condition"] == "OwnsAccessLogs"
    condition, own, theirs = RESOURCES["Api"]["Properties"]["AccessLogSettings"]["DestinationArn"]["Fn::If"]
    assert (condition, own) == ("OwnsAccessLogs", {"Fn::GetAtt": ["AccessLogs", "Arn"]})
    assert theirs["Fn::Sub"].endswith(":${AWS::AccountId}:log-group:${AuditLogGroup}")
