"""The deployed stack and its callers: a stranger, someone who may upload, and someone who may not."""

import json
import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from requests.auth import AuthBase

from local import stack
from local.emulator import REGION, Emulator
from tests.stack.deploying import deploy
from tests.stack.dropbox import drop, ingested, settled

__all__ = ["drop", "ingested", "settled"]


@pytest.fixture(scope="session", autouse=True)
def _loopback() -> Iterator[None]:
    """Resolve names under .localhost to loopback (RFC 6761 §6.3), as curl and browsers do, and no other name."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        assert name in ("127.0.0.1", "localhost") or name.endswith(".localhost"), f"{name} is not this machine"
        return resolve("127.0.0.1", *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


def free_port() -> int:
    """Return a free port below those that outgoing connections get: one of these could take it before it is used."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


@dataclass(frozen=True)
class Rig:
    """The running stack: its emulator, its outputs and the process group of its functions."""

    emulator: Emulator
    outputs: dict[str, str]
    process_group: int

    @property
    def url(self) -> str:
        return self.emulator.api_url

    def client(self, service: str) -> Any:
        return stack.client(self.emulator, service)

    def physical_id(self, logical_id: str) -> str:
        return stack.physical_id(self.emulator, logical_id)

    def waiting(self, queue: str) -> int:
        """The number of messages that wait in the queue of this output."""
        name = "ApproximateNumberOfMessages"
        found = self.client("sqs").get_queue_attributes(QueueUrl=self.outputs[queue], AttributeNames=[name])
        return int(found["Attributes"][name])

    def objects(self, prefix: str) -> list[str]:
        """Return the keys of all S3 versions and delete markers, one per version."""
        pages = self.client("s3").get_paginator("list_object_versions")
        listed = pages.paginate(Bucket=self.outputs["PhotosBucket"], Prefix=prefix)
        return sorted(
            found["Key"] for page in listed for found in page.get("Versions", []) + page.get("DeleteMarkers", [])
        )


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    emulator = Emulator(free_port(), tmp_path_factory.mktemp("headshot"))
    with emulator.running() as process:
        deploy(emulator)
        rig = Rig(emulator, stack.outputs(emulator), process.pid)
        for rule in rig.client("events").list_rules()["Rules"]:
            if "ScheduleExpression" in rule:  # tests start scheduled functions themselves
                rig.client("events").disable_rule(Name=rule["Name"])
        yield rig


class Signature(AuthBase):
    """Signs requests for API Gateway with AWS Signature Version 4."""

    def __init__(self, credentials: Credentials) -> None:
        self._signer = SigV4Auth(credentials, "execute-api", REGION)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        kept = {name: value for name, value in request.headers.items() if name.lower() in ("host", "content-type")}
        aws_request = AWSRequest(request.method, request.url, data=request.body, headers=kept)
        self._signer.add_auth(aws_request)
        request.headers.update(aws_request.headers.items())
        return request


class Caller(requests.Session):
    """A client of the API."""

    def __init__(self, url: str, auth: AuthBase | None = None) -> None:
        super().__init__()
        self.url, self.auth = url, auth

    def request(self, method: Any, path: Any, **options: Any) -> requests.Response:  # type: ignore[override]  # fewer parameters
        url = path if str(path).startswith("http") else self.url + str(path)
        return super().request(method, url, **{"timeout": 60, "allow_redirects": False} | options)

    def upload(self, user_id: str, image: bytes, content_type: str = "image/jpeg") -> requests.Response:
        return self.put(f"/users/{user_id}/photo", data=image, headers={"Content-Type": content_type})

    def record(self, user_id: str) -> requests.Response:
        return self.get(f"/users/{user_id}/photo")

    def erase(self, user_id: str) -> requests.Response:
        return self.delete(f"/users/{user_id}/photo")


@pytest.fixture
def stranger(rig: Rig) -> Caller:
    """A caller without a signature, such as Atlassian."""
    return Caller(rig.url)


@pytest.fixture(scope="session")
def uploader(rig: Rig) -> Caller:
    """A caller whose role has the stack's policy for administrators."""
    credentials = assume_role(rig, "uploader")
    rig.client("iam").attach_role_policy(RoleName="uploader", PolicyArn=rig.outputs["AdministerPolicyArn"])
    return Caller(rig.url, Signature(credentials))


@pytest.fixture(scope="session")
def bystander(rig: Rig) -> Caller:
    """A caller whose role has no policy."""
    return Caller(rig.url, Signature(assume_role(rig, "bystander")))


def assume_role(rig: Rig, name: str) -> Credentials:
    """Create a role without permissions, and return the credentials of a session."""
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = rig.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    session = rig.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Raw:
    """Sends a request target unchanged. Other clients normalise it."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def __call__(self, method: str, target: str, headers: dict[str, str] | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self._rig.emulator.port, timeout=60)
        host = self._rig.url.removeprefix("http://")
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": host, **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        given = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        connection.close()
        return given


@pytest.fixture
def raw(rig: Rig) -> Raw:
    return Raw(rig)
