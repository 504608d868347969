"""What a new or a crowded AWS account would reject, and what a stack leaves behind in one."""

from tests.unit.test_template import RESOURCES, TEMPLATE, of_type
from tests.unit.translated import translated


def test_access_logs_need_no_entry_of_their_own_in_the_accounts_full_resource_policy():
    name = RESOURCES["AccessLogs"]["Properties"]["LogGroupName"]
    assert name == {"Fn::Sub": "/aws/vendedlogs/${AWS::StackName}/access"}


def test_deleting_the_stack_leaves_the_caller_policy_that_may_be_attached():
    """IAM rejects to delete an attached policy (DeleteConflict); the emulator does it all the same."""
    policies = [item for item in translated()["Resources"].values() if item["Type"] == "AWS::IAM::ManagedPolicy"]
    assert len(policies) == 1
    for policy in policies:
        # Nobody can have attached it while the stack was being created, so a first deploy that fails cleans up.
        assert policy["DeletionPolicy"] == "RetainExceptOnCreate"
        assert policy["UpdateReplacePolicy"] == "Retain"


def test_no_update_replaces_the_caller_policy():
    """A new description, name or path makes a new policy ("AWS::IAM::ManagedPolicy", CloudFormation), unattached."""
    assert RESOURCES["CallerPolicy"]["Properties"].keys() == {"PolicyDocument"}


def test_unfinished_uploads_in_parts_go_after_a_day_wherever_they_lie():
    rules = RESOURCES["PhotosBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    [rule] = [rule for rule in rules if "AbortIncompleteMultipartUpload" in rule]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert rule["Status"] == "Enabled"
    assert not rule.keys() & {"Prefix", "TagFilters"}


def test_no_table_is_encrypted_with_a_key_that_is_paid_by_the_request():
    for table in of_type("AWS::DynamoDB::Table").values():
        assert "SSESpecification" not in table["Properties"]


def concurrency(function):
    """Return how many of a function run at once at most, with the parameters' defaults: one where nothing says."""
    for event in function["Properties"].get("Events", {}).values():
        if event["Type"] == "SQS":
            most = event["Properties"]["ScalingConfig"]["MaximumConcurrency"]
            return TEMPLATE["Parameters"][most["Ref"]]["Default"] if isinstance(most, dict) else most
    return 1


def test_a_new_account_with_ten_concurrent_executions_has_room_for_reads_and_uploads():
    functions = of_type("AWS::Serverless::Function")
    background = [function for name, function in functions.items() if name not in {"ServeFunction", "UploadFunction"}]
    assert 10 - sum(map(concurrency, background)) >= 3


def test_the_files_in_the_drop_box_are_processed_as_many_at_once_as_the_administrator_says():
    [queue] = RESOURCES["IngestFunction"]["Properties"]["Events"].values()
    assert queue["Properties"]["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "IngestConcurrency"}}
    # "Maximum concurrency": 2 to 1,000 ("Using Lambda with Amazon SQS", Lambda developer guide)
    parameter = TEMPLATE["Parameters"]["IngestConcurrency"]
    assert (parameter["MinValue"], parameter["MaxValue"]) == (2, 1000)


def test_an_alarm_fires_when_reads_are_throttled():
    alarm = RESOURCES["ServeThrottlesAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Throttles")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "ServeFunction"}}]
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 1)
