"""What a new or a crowded AWS account would refuse, and what a stack leaves behind in one."""

from tests.unit.test_template import RESOURCES


def test_access_logs_need_no_entry_of_their_own_in_the_accounts_full_resource_policy():
    name = RESOURCES["AccessLogs"]["Properties"]["LogGroupName"]
    assert name == {"Fn::Sub": "/aws/vendedlogs/${AWS::StackName}/access"}
