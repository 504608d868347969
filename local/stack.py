"""template.yaml, deployed into the emulator as `sam deploy` deploys it to AWS."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from local.emulator import ACCESS_KEY, ACCOUNT_ID, REGION, SECRET_KEY, Emulator

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_apigatewayv2.literals import AuthorizationTypeType

PROJECT = Path(__file__).parent.parent
STACK = "headshot"


class DeployError(Exception):
    """The template could not be deployed, in one line for a person."""


def client(emulator: Emulator, service: str) -> Any:
    """Give a boto3 client of an emulated service, as the account's root."""
    # Any, because the stubs know services by literal names only.
    session: Any = boto3.Session(ACCESS_KEY, SECRET_KEY, region_name=REGION)
    return session.client(service, endpoint_url=emulator.url)


def deploy(emulator: Emulator, parameters: Mapping[str, str] | None = None) -> None:
    """Create or update the stack, with `parameters` of the template, and mend what the emulator lacks.

    Raises
    ------
    DeployError
        If `sam deploy` fails, or the stack was first deployed on another port.
    """
    _check_port(emulator)
    log = emulator.home / "deploy.log"
    overrides = {"BaseUrl": emulator.api_url} | dict(parameters or {})
    with log.open("w") as output:
        failed = subprocess.call(
            [
                Path(sys.executable).with_name("sam"),
                "deploy",
                "--config-file=local/samconfig.toml",  # never the one that `sam deploy --guided` has written for AWS
                f"--stack-name={STACK}",
                "--parameter-overrides",
                *(f"{name}={value}" for name, value in overrides.items()),
            ],
            cwd=PROJECT,
            env=emulator.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if failed:
        raise DeployError(f"sam deploy failed; {log} says why. Its last lines:\n{_tail(log)}")
    _wire_routes(emulator)
    _admit_plain_http(emulator)
    _limit_concurrency(emulator)


def _check_port(emulator: Emulator) -> None:
    """Reject to move a stack to another port: its API, and every photo's URL, have the old one in them."""
    for api in client(emulator, "apigatewayv2").get_apis()["Items"]:
        if api["ApiEndpoint"] != emulator.api_url:
            port = api["ApiEndpoint"].rpartition(":")[2]
            raise DeployError(
                f"The stack in {emulator.home} was made on port {port}. Take that again: PORT={port}. Or start afresh,"
                " without its photos: make clean"
            )


def put_secret(emulator: Emulator, name: str, value: Mapping[str, str]) -> str:
    """Keep a JSON object in the emulator's Secrets Manager, and give its name."""
    secrets = client(emulator, "secretsmanager")
    try:
        secrets.create_secret(Name=name, SecretString=json.dumps(value))
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=name, SecretString=json.dumps(value))
    return name


def outputs(emulator: Emulator) -> dict[str, str]:
    """Give the outputs of the deployed stack."""
    [stack] = client(emulator, "cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def physical_id(emulator: Emulator, logical_id: str) -> str:
    """Give the name by which AWS knows a resource of the template."""
    found = client(emulator, "cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def publish_existing(emulator: Emulator) -> None:
    """Start publishing the photos that are there: a fake identity provider starts empty, and streams are lost with it.

    Does not wait for the end.
    """
    function = outputs(emulator)["ReconcileFunction"]
    client(emulator, "lambda").invoke(FunctionName=function, InvocationType="Event", Payload='{"continue": true}')


def _wire_routes(emulator: Emulator) -> None:
    """Create the API's routes, which MiniStack 1.5 does not read from the OpenAPI body that SAM gives an HTTP API."""
    gateway: ApiGatewayV2Client = client(emulator, "apigatewayv2")
    [api_id] = [api["ApiId"] for api in gateway.get_apis()["Items"] if api["ApiEndpoint"] == emulator.api_url]
    wired = {route["RouteKey"]: route["RouteId"] for route in gateway.get_routes(ApiId=api_id)["Items"]}
    wanted = dict(_routes(emulator))
    for key in wired.keys() - wanted.keys():
        gateway.delete_route(ApiId=api_id, RouteId=wired[key])
    for key in wanted.keys() - wired.keys():
        function_arn, authorization = wanted[key]
        integration = gateway.create_integration(
            ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=function_arn, PayloadFormatVersion="2.0"
        )
        gateway.create_route(
            ApiId=api_id,
            RouteKey=key,
            Target=f"integrations/{integration['IntegrationId']}",
            AuthorizationType=authorization,
        )


def _admit_plain_http(emulator: Emulator) -> None:
    """Take away the bucket policy: the emulator speaks plain HTTP on loopback, which is just what it rejects."""
    client(emulator, "s3").delete_bucket_policy(Bucket=outputs(emulator)["PhotosBucket"])


def _limit_concurrency(emulator: Emulator) -> None:
    """Make numbers of the event sources' concurrency: MiniStack 1.5 keeps a parameter as text, and polls no more."""
    functions = client(emulator, "lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if scaling := mapping.get("ScalingConfig"):
            number = {"MaximumConcurrency": int(scaling["MaximumConcurrency"])}
            functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=number)


def _routes(emulator: Emulator) -> Iterator[tuple[str, tuple[str, "AuthorizationTypeType"]]]:
    """Give the processed template's routes: key, the function's ARN, how callers are authorized."""
    cloudformation = client(emulator, "cloudformation")
    template = cloudformation.get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
    resources = (json.loads(template) if isinstance(template, str) else template)["Resources"]
    [api] = [item for item in resources.values() if item["Type"] == "AWS::ApiGatewayV2::Api"]
    for path, operations in api["Properties"]["Body"]["paths"].items():
        for method, operation in operations.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            function = physical_id(emulator, uri.partition("functions/${")[2].partition(".Arn}")[0])
            arn = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{function}"
            key = "$default" if path == "/$default" else f"{method.upper()} {path}"
            [[authorizer]] = operation["security"]
            yield key, (arn, authorizer)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text().splitlines()[-15:])
