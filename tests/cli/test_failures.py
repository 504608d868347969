"""Whatever keeps the command from its work is reported as one line that says what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.stack import PROJECT

LICENSE = str(PROJECT / "LICENSE")


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["show", "nobody"], {}, "nobody has no photo."),
        (["check", "nobody"], {}, "nobody has no photo."),
        (["show", "not a user id"], {}, "A user id has 1 to 254 characters"),
        (["show", "n/a"], {}, "; this one contains '/'. Use the"),
        (["put", "a/b", LICENSE], {}, "; this one contains '/'. Use the"),
        (["erase", "..", "--yes"], {}, "; this one begins with '.'. Use the"),
        (["put", "command", LICENSE], {}, "The file is not a picture that Headshot reads. Save"),
        (
            ["status", "--stack", "nowhere"],
            {},
            'The stack "nowhere" does not exist in account 000000000000, region us-east-1. Set another stack',
        ),
        (
            ["status"],
            {"HEADSHOT_STACK": "nowhere", "AWS_PROFILE": "people", "AWS_REGION": "eu-central-1"},
            'The stack "nowhere" does not exist in account 000000000000, region eu-central-1 (profile people).',
        ),
        (["status"], {"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found"),
        (["status"], {"AWS_DEFAULT_REGION": None}, "No AWS region is set. Set AWS_REGION or AWS_DEFAULT_REGION"),
        (["put", "ada", LICENSE], {"AWS_DEFAULT_REGION": "", "AWS_REGION": ""}, "No AWS region"),
        (
            ["status"],
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
            "There are no AWS credentials. Set them up with: aws configure",
        ),
        (["status"], {"AWS_ENDPOINT_URL": "nonsense"}, "Invalid endpoint: nonsense. Check AWS_ENDPOINT_URL"),
        (
            ["status"],
            {"AWS_ENDPOINT_URL": "localhost:4566"},
            "Invalid endpoint: localhost:4566. Check AWS_ENDPOINT_URL",
        ),
        (["status"], {"AWS_ENDPOINT_URL": "http://[::1"}, "Check AWS_ENDPOINT_URL"),
        (["put", "command", "[/red]\x1b.jpg"], {}, r"[/red]\x1b.jpg cannot be read: No such file or directory."),
        (["put", "command", "."], {}, ". cannot be read: Is a directory."),
        (["contact-sheet", "--output", "nowhere/sheet.html"], {}, "nowhere/sheet.html cannot be written: No such"),
        (["reconcile"], {}, "has no identity provider"),
        (["list"], {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "cannot be read"),
    ],
)
def test_a_failure_is_one_line(headshot, monkeypatch, tmp_path, arguments, environment, message):
    (tmp_path / "config").write_text("[profile people]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name, value in environment.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    code, printed, error = headshot(*arguments)
    assert (code, printed) == (1, "")
    assert message in error
    assert len(error.strip().splitlines()) == 1


def test_a_stack_that_is_not_headshots_is_recognised(rig, headshot):
    template = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'
    cloudformation = rig.client("cloudformation")
    cloudformation.create_stack(StackName="elsewhere", TemplateBody=template)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="elsewhere", WaiterConfig={"Delay": 1})
    for command in ("status", "list", "retry", "reconcile"):
        error = 'The stack "elsewhere" is not a Headshot stack. Set the right name with --stack.'
        assert headshot(command, "--stack", "elsewhere") == (1, "", error)
    cloudformation.delete_stack(StackName="elsewhere")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_reported_in_one_line(rig):
    command = [sys.executable, "-m", "headshot_cli", "status"]
    with Path("/dev/full").open("w") as full:
        environment = rig.emulator.environment
        done = subprocess.run(
            command, cwd=PROJECT, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, "The output cannot be written: No space left on device.\n")
