"""Faults that keep a photo from appearing, one function each: it yields while the fault is there.

Each has the link that `headshot doctor` must name, and words that its sentence must contain.
"""

import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import trustme
from werkzeug import Response

from local.fake_okta import serving
from tests.cli.servers import JPEG, _serving, head_of, reply
from tests.fakes import faults
from tests.stack.conftest import assume_role


@dataclass(frozen=True)
class Fault:
    """A fault, the link that it breaks, and words of the sentence about it."""

    seed: Callable[..., Any]
    link: str
    words: tuple[str, ...]


FAULTS: dict[str, Fault] = {}


def fault(link, *words):
    """Register a fault under its function's name. The function gets the patient and pytest's `monkeypatch`."""

    def register(seed):
        FAULTS[seed.__name__] = Fault(contextmanager(seed), link, words)
        return seed

    return register


def aws_error(code, status=403):
    """Return a server of AWS's Query protocol that answers with an error."""
    body = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    return Response(body, status, content_type="text/xml")


@fault("credentials", "session has expired", "aws sso login")
def expired_aws_session(_patient, monkeypatch):
    with serving(aws_error("ExpiredToken")) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        yield


@fault("credentials", "rejects your credentials (InvalidClientTokenId)", "aws configure")
def wrong_access_key(_patient, monkeypatch):
    with serving(aws_error("InvalidClientTokenId")) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        yield


@fault("credentials", "no AWS credentials", "aws configure")
def no_credentials(_patient, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    yield


@fault("credentials", "No AWS region is set", "AWS_REGION")
def no_region(_patient, monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    yield


@fault("stack", "does not exist in account", "region eu-north-1", "AWS_REGION")
def wrong_region(_patient, monkeypatch):
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    yield


@fault("stack", 'The stack "elsewhere" does not exist', "--stack")
def wrong_stack(_patient, monkeypatch):
    monkeypatch.setenv("HEADSHOT_STACK", "elsewhere")
    yield


def no_concurrency(function):
    def seed(patient, _monkeypatch):
        client, name = patient.rig.client("lambda"), patient.rig.physical_id(function)
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        yield
        client.delete_function_concurrency(FunctionName=name)

    seed.__name__ = f"throttled_{function}"
    return seed


for _function in ("ServeFunction", "UploadFunction", "PublishFunction"):
    fault("functions", f"{_function} cannot run", "delete-function-concurrency")(no_concurrency(_function))


@fault("functions", "is disabled", "update-event-source-mapping --enabled")
def paused_publishing(patient, _monkeypatch):
    client, mapping = patient.rig.client("lambda"), patient.rig.physical_id("PublishFunctionQueue")
    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    yield
    client.update_event_source_mapping(UUID=mapping, Enabled=True)


@fault("API", "Attach the caller policy")
def missing_policy(patient, monkeypatch):
    credentials = assume_role(patient.rig, "unattached")
    allow = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*",'
        ' "Action": ["cloudformation:*", "lambda:*", "sqs:*", "secretsmanager:*"]}]}'
    )
    patient.rig.client("iam").put_role_policy(RoleName="unattached", PolicyName="p", PolicyDocument=allow)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", credentials.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", credentials.secret_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", credentials.token)
    yield


@fault("record", "ada has no photo", "headshot put ada")
def no_record(patient, _monkeypatch):
    patient.delete()
    yield


@fault("DNS and TLS", "nowhere.example.com does not resolve", "DNS record")
def unknown_name(patient, monkeypatch):
    resolve = socket.getaddrinfo

    def getaddrinfo(host, *rest, **options):
        if host == "nowhere.example.com":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    patient.change(url="https://nowhere.example.com/photos/ada.jpg")
    yield


@fault("DNS and TLS", "Connection refused", "listening", "before the stack's photos moved")
def refused_connection(patient, _monkeypatch):
    patient.change(url="http://127.0.0.1:1/photos/ada.jpg")
    yield


@fault("DNS and TLS", "certificate is not valid", "whole chain")
def wrong_certificate(patient, _monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with _serving({"HEAD": reply(), "GET": reply()}, context) as server:
        patient.change(url=f"https://127.0.0.1:{server.port}/photos/ada.jpg")
        yield


def served(get, head=None):
    """Return a seed: a server at the photo's URL that gives these responses."""

    def seed(patient, _monkeypatch):
        with ExitStack() as stack:
            server = stack.enter_context(_serving({"GET": get, "HEAD": head or head_of(get)}, None))
            patient.change(url=f"http://127.0.0.1:{server.port}/photos/ada.jpg")
            yield

    return seed


def serve(name, link, *words, get=None, head=None):
    seed = served(get or reply(), head)
    seed.__name__ = name
    fault(link, *words)(seed)


_REDIRECT = reply(b"", "301 Moved Permanently", Location="https://cdn.example.com/ada.jpg")
serve("redirecting_cdn", "HEAD", "redirects (301)", "final URL", get=_REDIRECT)
serve("head_not_allowed", "HEAD", "405", "HEAD and GET", head=head_of(reply(b"", "405 Method Not Allowed")))
serve("text_plain", "HEAD", "'text/plain'", "image/jpeg", get=reply(Content_Type="text/plain"))
serve("photo_gone", "HEAD", "404", "nothing at this address", get=reply(b"", "404 Not Found"))
serve("sign_in_page", "GET", "403", "authentication", get=reply(b"", "403 Forbidden"), head=head_of(reply()))
serve("damaged_picture", "GET", "not a readable JPEG", get=reply(JPEG[:-100]))


@fault("secret", "There is no secret", "Create it there")
def missing_secret(patient, _monkeypatch):
    name, client = patient.secret_name, patient.rig.client("secretsmanager")
    client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    yield
    client.create_secret(Name=name, SecretString=patient.secret_text)


@fault("secret", "scheduled for deletion", "restore-secret")
def deleted_secret(patient, _monkeypatch):
    name, client = patient.secret_name, patient.rig.client("secretsmanager")
    client.delete_secret(SecretId=name)
    yield
    client.restore_secret(SecretId=name)


def with_secret(name, value, link, *words):
    def seed(patient, _monkeypatch):
        patient.put_secret(value if isinstance(value, str) else patient.system.secret | value)
        yield

    seed.__name__ = name
    fault(link, *words)(seed)


with_secret("secret_that_is_no_json", "api_token=…", "secret", "not a JSON object")
with_secret("secret_without_a_field", {"private_key": ""}, "secret", 'no text field "private_key"')
with_secret("secret_with_a_damaged_key", {"private_key": "no key"}, "secret", "not an RSA key in PEM")
with_secret(
    "wrong_client_id", {"client_id": "another"}, "sign-in", "rejected Headshot's credentials", "Check the secret"
)


@fault("sign-in", "answered 401", "Check the credentials")
def rejected_token(patient, _monkeypatch):
    unauthorized = faults.answer(401, body=b'{"errorCode": "E0000011", "errorSummary": "Invalid token provided"}')
    patient.system.app.faults.extend(patient.after_sign_in(unauthorized, unauthorized))
    yield


@fault("sign-in", "Okta answered 500")
def outage(patient, _monkeypatch):
    patient.system.app.faults.extend(patient.after_sign_in(faults.answer(500)))
    yield


@fault("permissions", "did not grant the scopes", "Grant Headshot's app the scopes")
def missing_scope(patient, _monkeypatch):
    patient.system.app.faults.append(faults.answer(400, body=b'{"error": "invalid_scope"}'))
    yield


@fault("permissions", "answered 403", "admin role that covers this user")
def missing_role(patient, _monkeypatch):
    patient.system.fake.forbidden.add(patient.identity_id)
    yield


@fault("user", "no user ada", "id, login or e-mail address")
def unknown_user(patient, _monkeypatch):
    patient.reported("waiting", "Okta has no user ada.")
    del patient.system.fake.users[patient.identity_id]
    yield


@fault("user", "no user ada")
def deleted_user(patient, _monkeypatch):
    """As before, but after the photo was published."""
    del patient.system.fake.users[patient.identity_id]
    yield


@fault("attribute", "is not defined", '"primaryPhotoValue"', "Profile Editor")
def missing_attribute(patient, _monkeypatch):
    del patient.profile()["primaryPhotoValue"]
    patient.reported(
        "failed",
        "Okta answered 400: Api validation failed: user; primaryPhotoValue is not defined. Check that the Okta user"
        ' profile has the string attribute "primaryPhotoValue" (Profile Editor).',
    )
    yield


@fault("value", "no URL", "deactivated users", "headshot retry")
def deactivated_user(patient, _monkeypatch):
    del patient.profile()["primaryPhotoValue"]
    patient.reported("failed", "Okta answered 403. Okta does not change deactivated users.")
    yield


@fault("value", "URL of an earlier photo", "headshot reconcile")
def stale_url(patient, _monkeypatch):
    patient.profile()["primaryPhotoValue"] = patient.record["url"].replace(patient.record["version"], "0" * 32)
    yield


@fault("value", "another URL, 'https://example.com/me.jpg'", "changed there", "headshot reconcile")
def changed_by_hand(patient, _monkeypatch):
    patient.profile()["primaryPhotoValue"] = "https://example.com/me.jpg"
    yield


@fault("value", "no URL", "The secret cannot be read (AccessDeniedException)", "tries again")
def role_without_the_secret(patient, _monkeypatch):
    del patient.profile()["primaryPhotoValue"]
    patient.reported("retrying", "The secret cannot be read (AccessDeniedException).")
    yield


@fault("queues", "1 failed photos", "headshot retry")
def dead_letter(patient, _monkeypatch):
    sqs, queue = patient.rig.client("sqs"), patient.rig.outputs["PublishDeadLetterQueue"]
    sqs.send_message(QueueUrl=queue, MessageBody='{"user_id": "grace", "error": "no such user"}')
    yield
    sqs.purge_queue(QueueUrl=queue)
