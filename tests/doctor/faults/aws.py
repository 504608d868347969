"""Faults in AWS."""

from werkzeug import Response

from local.fake_okta import serving
from tests.cli.permitted import Script
from tests.doctor.faults.registry import fault


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


def signed_in_with(*policies):
    """Return a fault: the caller has these policies of the stack, and not the one that doctor needs."""

    def seed(patient, monkeypatch):
        script = Script(patient.rig, seed.__name__)
        script.allow(["cloudformation:*", "lambda:*", "sqs:*", "secretsmanager:*"], policies)
        script.sign_in(monkeypatch)
        yield

    seed.__name__ = "-".join(("policies", *policies))
    return seed


for _policies in [(), ("upload",)]:
    fault("API", "Attach the policy ReadPolicyArn")(signed_in_with(*_policies))


@fault("record", "ada has no photo", "headshot put ada")
def no_record(patient, _monkeypatch):
    patient.delete()
    yield


@fault("queues", "(photos: 1, files: 0)", "headshot retry")
def dead_letter(patient, _monkeypatch):
    sqs, queue = patient.rig.client("sqs"), patient.rig.outputs["PublishDeadLetterQueue"]
    sqs.send_message(QueueUrl=queue, MessageBody='{"user_id": "grace", "error": "no such user"}')
    yield
    sqs.purge_queue(QueueUrl=queue)


@fault("queues", "(FailedRunsQueue: 1)", "docs/operations.md#failedrunsqueue")
def failed_run(patient, _monkeypatch):
    sqs, queue = patient.rig.client("sqs"), patient.rig.outputs["FailedRunsQueue"]
    sqs.send_message(QueueUrl=queue, MessageBody='{"requestPayload": {"task": "files"}}')
    yield
    sqs.purge_queue(QueueUrl=queue)
