"""What the guide's table says that a command needs, and a role that is allowed so much and no more."""

import re
from contextlib import suppress

from local.stack import PROJECT
from tests.stack.conftest import assume_role
from tests.stack.policies import give

_GUIDE = (PROJECT / "docs/guide.md").read_text("utf-8")


def _row(command):
    """Return the policies and the actions of a command, as they are written in the table."""
    rows = re.findall(r"^\|([^|]*)\|([^|]*)\|(.*`cloudformation:.*)\|$", _GUIDE, re.MULTILINE)
    [(_, policies, actions)] = [row for row in rows if f"`{command}`" in row[0]]
    return policies.strip(), actions


def actions(command):
    """Return the actions on AWS that a command needs."""
    return re.findall(r"`([a-z0-9]+:[A-Za-z]+)`", _row(command)[1])


def policies(command):
    """Return the names of the stack's policies that a command needs, such as "upload"."""
    names = _row(command)[0]
    return [] if names == "none" else names.split(", ")


class Script:
    """A role for scripts, which at first may do nothing."""

    def __init__(self, rig, name):
        self._rig, self._name = rig, name
        credentials = assume_role(rig, name)
        self.environment = {
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_SESSION_TOKEN": credentials.token,
        }

    def sign_in(self, monkeypatch):
        """Make the command use the role's credentials."""
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)

    def allow(self, actions, policies):
        """Allow these actions and what these policies of the stack allow, and nothing else."""
        statement = {"Effect": "Allow", "Action": actions or ["none:None"], "Resource": "*"}
        self.give({"Version": "2012-10-17", "Statement": [statement]}, policies)

    def give(self, document, policies=()):
        """Replace what the role has by this document and these policies of the stack."""
        give(self._rig, self._name, document)
        iam = self._rig.client("iam")
        for name in ("upload", "read", "administer"):
            change = iam.attach_role_policy if name in policies else iam.detach_role_policy
            arn = self._rig.outputs[f"{name.capitalize()}PolicyArn"]
            with suppress(iam.exceptions.NoSuchEntityException):  # if it was not attached
                change(RoleName=self._name, PolicyArn=arn)
