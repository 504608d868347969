"""`headshot verify` on a stack that works, and for callers who lack permissions."""

import signal
import subprocess
import sys

import pytest

from headshot_cli.verifying.checks import CHECKS
from local.emulator import REGION
from local.stack import PROJECT
from tests.awaiting import eventually
from tests.cli.verifying import OURS, _complete, left, results, verify
from tests.stack.test_faults import denied

__all__ = ["_complete", "verify"]

BY_HAND = {check.name for check in CHECKS if check.run is None}


def test_a_working_stack_is_verified_and_left_unchanged(rig, verify):
    code, rows, error = verify()
    assert list(rows) == [check.name for check in CHECKS]
    assert (code, results(rows, "failed")) == (0, set()), rows
    assert results(rows, "by hand") == BY_HAND | {"publish", "plain-http"}
    assert rows["plain-http"]["detail"].startswith("This endpoint offers plain HTTP only")
    assert rows["lifecycle"]["command"].endswith(f"--bucket {rig.outputs['PhotosBucket']}")
    assert rows["at-sign"]["command"].split()[3:5] == ["--region", REGION]
    assert error == ""
    assert left(rig) == []


def test_people_read_what_was_found_and_what_to_do(headshot):
    code, printed, _ = headshot("verify", "event-bridge", "throttling")
    assert code == 0
    first, seen, second, reason, command, counts = printed.splitlines()
    assert first == "ok   event-bridge: The bucket announces new files to EventBridge"
    assert seen == "     The bucket sends its events to EventBridge."
    assert (second[:16], reason) == ("hand throttling:", "     This command cannot try it.")
    assert command.startswith("     sam deploy --parameter-overrides ThrottleRate=1")
    assert counts == "1 verified, 0 failed, 1 by hand"


def test_an_unknown_check_is_a_mistake_in_the_command_line(headshot):
    code, printed, error = headshot("verify", "everything")
    assert (code, printed) == (2, "")
    assert "There is no check everything." in " ".join(error.split())


def test_without_a_photo_checks_that_need_one_are_left_to_be_done_by_hand(rig, verify):
    with denied(rig, "UploadRole", "s3:PutObject"):
        code, rows, _ = verify("upload", "head-length", "recovery")
    assert (code, results(rows, "failed"), results(rows, "verified")) == (1, {"upload"}, {"recovery"})
    assert "503 ('store-unavailable')" in rows["upload"]["detail"]
    assert rows["head-length"]["detail"] == "There is no photo to try it on, because the upload failed."


def test_users_that_cannot_be_erased_are_reported(rig, verify, headshot):
    with denied(rig, "UploadRole", "s3:DeleteObjectVersion"):
        code, rows, error = verify("upload")
    assert (code, results(rows, "verified")) == (1, {"upload"})
    user_id = error.split()[-1]
    assert error == f"{user_id} is not erased: 503 ('store-unavailable'). Run: headshot erase {user_id}\n"
    assert headshot("erase", user_id, "--yes")[0] == 0
    assert left(rig) == []


@pytest.mark.parametrize("attached", [[], ["upload", "read"]])
def test_without_the_permission_to_erase_checks_that_upload_are_left_to_be_done_by_hand(rig, verify, script, attached):
    script.allow(["cloudformation:DescribeStacks"], attached)
    code, rows, error = verify("upload", "at-sign", "unsigned", "lifecycle")
    assert (code, error, results(rows, "verified")) == (0, "", {"unsigned"})
    for name in ("upload", "at-sign"):
        assert rows[name]["detail"].startswith("Your credentials are not allowed to erase users (403")
        assert "AdministerPolicyArn" in rows[name]["detail"]
    assert "AccessDenied" in rows["lifecycle"]["detail"]
    assert left(rig) == []


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_erases_the_users_that_it_created(rig, stop):
    with denied(rig, "IngestRole", "s3:ListBucketVersions"):  # so that it cannot finish before the signal
        command = [sys.executable, "-m", "headshot_cli", "verify", "upload", "drop-box"]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, cwd=PROJECT, env=rig.emulator.environment, stdout=pipe, stderr=pipe, text=True
        ) as process:
            eventually(lambda: rig.objects(f"dropbox/{OURS}"))
            process.send_signal(stop)
            _, error = process.communicate()
    assert (process.returncode, error.splitlines()[0]) == (130, "Interrupted. Erasing the users that were created.")
    assert left(rig) == []
