"""The stores' part of the stack, deployed by CloudFormation into two emulators: MiniStack and moto.

Every test in this folder runs on both, so that the stores rely on no peculiarity of either. Tests say where the two
differ from each other or from AWS. Two differences concern all tests:

- Policies. MiniStack enforces the template's policies with actions, resources and conditions, but verifies no
  signatures. moto verifies every signature and enforces actions and resources for S3. It ignores conditions, and checks
  the actions of other services against the resource "*", which no policy of the template grants. So the stores act as
  the functions' roles on both, and moto enforces their policies only in tests that use `s3`.
- A missing key. Both answer 404 to everyone. AWS answers 403 to a role that may not list the bucket; the stub in
  tests/unit/stores/test_photos.py does the same.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from samcli.yamlhelper import yaml_parse

from local.emulator import ACCESS_KEY, REGION, SECRET_KEY, Emulator
from local.stack import PROJECT
from tests.awaiting import eventually
from tests.stack.conftest import _loopback, free_port

__all__ = ["_loopback"]

# SAM does not change these. A role's policy refers to its log group, so log groups are included.
KINDS = {"AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::IAM::Role", "AWS::Logs::LogGroup"}
SECRET = "headshot/okta"
PARAMETERS = {
    "IdentityProvider": "Okta",
    "IdentityProviderUrl": "https://example.okta.com",
    "IdentityProviderSecret": SECRET,
}

SESSION: Any = boto3.Session(region_name=REGION)  # shared, so that each service's model is read once


@dataclass
class Aws:
    """An emulator with the deployed part of the stack.

    `resources` maps logical to physical ids. `keys` has the credentials of a session by the logical id of its role,
    None for an administrator.
    """

    name: str
    url: str
    resources: dict[str, str] = field(default_factory=dict)
    keys: dict[str | None, tuple[str, ...]] = field(default_factory=lambda: {None: (ACCESS_KEY, SECRET_KEY)})
    _clients: dict[tuple[str, tuple[str, ...]], Any] = field(default_factory=dict)

    def client(self, service: str, role: str | None = None) -> Any:
        """Return a boto3 client of an administrator, or of a role of the template."""
        wanted = service, self.keys[role]
        if wanted not in self._clients:
            names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            keys = dict(zip(names, self.keys[role], strict=False))
            self._clients[wanted] = SESSION.client(service, endpoint_url=self.url, **keys)
        return self._clients[wanted]

    def deploy(self) -> None:
        """Create the stack, and start a session of each role."""
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(
            StackName="stores",
            TemplateBody=json.dumps(part_of_template()),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in PARAMETERS.items()],
        )
        cloudformation.get_waiter("stack_create_complete").wait(StackName="stores", WaiterConfig={"Delay": 1})
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName="stores")
        found = [item for page in pages for item in page["StackResourceSummaries"]]
        self.resources.update({item["LogicalResourceId"]: item["PhysicalResourceId"] for item in found})
        for role in [item["LogicalResourceId"] for item in found if item["ResourceType"] == "AWS::IAM::Role"]:
            arn = self.client("iam").get_role(RoleName=self.resources[role])["Role"]["Arn"]
            made = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="stores")["Credentials"]
            self.keys[role] = made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]


def part_of_template() -> Mapping[str, Any]:
    template = yaml_parse((PROJECT / "template.yaml").read_text())
    resources = {name: item for name, item in template["Resources"].items() if item["Type"] in KINDS}
    return {name: template[name] for name in ("Parameters", "Conditions")} | {"Resources": resources}


@pytest.fixture(scope="session", params=["ministack", "moto"])
def aws(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    start = {"ministack": _ministack, "moto": _moto}[request.param]
    with start(tmp_path_factory.mktemp(request.param)) as emulator:
        emulator.deploy()
        if emulator.name == "moto":
            _make_up_for_moto(emulator)
        yield emulator


@contextmanager
def _ministack(home: Path) -> Iterator[Aws]:
    emulator = Emulator(free_port(), home)
    with emulator.running():
        yield Aws("ministack", emulator.url)


@contextmanager
def _moto(home: Path) -> Iterator[Aws]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("moto_server")), "--host", "127.0.0.1", "--port", str(port)]
    with (home / "moto.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            eventually(lambda: _answers(f"{url}/moto-api/data.json"))
            yield Aws("moto", url)
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def _make_up_for_moto(emulator: Aws) -> None:
    """Add what moto leaves out: a bucket's versioning, roles' policies as JSON, and an administrator.

    It stores policies from CloudFormation as Python text, which it cannot evaluate, and has no keys for the account's
    root.
    """
    versioning = part_of_template()["Resources"]["PhotosBucket"]["Properties"]["VersioningConfiguration"]
    bucket = emulator.resources["PhotosBucket"]
    emulator.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration=versioning)
    iam = emulator.client("iam")
    for role in [name for logical_id, name in emulator.resources.items() if logical_id.endswith("Role")]:
        [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
        text = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        document = json.dumps(yaml.safe_load(text))  # YAML has Python's quotes, too
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=document)
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    iam.create_user(UserName="administrator")
    iam.put_user_policy(UserName="administrator", PolicyName="everything", PolicyDocument=json.dumps(everything))
    key = iam.create_access_key(UserName="administrator")["AccessKey"]
    emulator.keys[None] = key["AccessKeyId"], key["SecretAccessKey"]


@pytest.fixture
def s3(aws: Aws) -> Iterator[Callable[[str], Any]]:
    """Return S3 clients of the template's roles; both emulators enforce their policies."""
    _enforce(aws, "0")
    yield lambda role: aws.client("s3", role)
    _enforce(aws, "inf")


def _enforce(aws: Aws, after: str) -> None:
    """Make moto verify signatures and policies after a number of requests. MiniStack always enforces policies."""
    if aws.name == "moto":
        headers = {"Content-Type": "text/plain"}
        order = urllib.request.Request(f"{aws.url}/moto-api/reset-auth", after.encode(), headers, method="POST")
        with urllib.request.urlopen(order, timeout=5):
            pass
