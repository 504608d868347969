"""Deploys template.yaml into the emulator, with `sam deploy` as on AWS."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from local.emulator import ACCESS_KEY, ACCOUNT_ID, API_ID, REGION, SECRET_KEY, Emulator

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_apigatewayv2.literals import AuthorizationTypeType

PROJECT = Path(__file__).parent.parent
STACK = "headshot"


class DeployError(Exception):
    """The template cannot be deployed. The message is for a person."""


@cache
def client(emulator: Emulator, service: str) -> Any:
    """Return the boto3 client of an emulated service, with the account's root as its caller."""
    # Any, because the stubs accept literal service names only.
    session: Any = boto3.Session(ACCESS_KEY, SECRET_KEY, region_name=REGION)
    return session.client(service, endpoint_url=emulator.url)


def deploy(emulator: Emulator, parameters: Mapping[str, str] | None = None, project: Path = PROJECT) -> None:
    """Create or update the stack with these parameters, and make up for what the emulator lacks.

    `project` is the folder of a clone, by default this one.

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
                "--config-file=local/samconfig.toml",  # not the one that `sam deploy --guided` writes for AWS
                f"--stack-name={STACK}",
                "--parameter-overrides",
                *(f"{name}={value}" for name, value in overrides.items()),
            ],
            cwd=project,
            env=emulator.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if failed:
        raise DeployError(f"sam deploy failed. See {log} for the reason. Its last lines:\n{_tail(log)}")
    complete(emulator)


def complete(emulator: Emulator) -> None:
    """Make up for what the emulator lacks, after a deployment."""
    _wire_routes(emulator)
    _close_own_address(emulator)
    _limit_concurrency(emulator)
    _allow_lookups(emulator)


def _check_port(emulator: Emulator) -> None:
    """Raise DeployError if the stack was created on another port: its photo URLs contain that port."""
    for api in client(emulator, "apigatewayv2").get_apis()["Items"]:
        if api["ApiEndpoint"] != emulator.api_url:
            port = api["ApiEndpoint"].rpartition(":")[2]
            raise DeployError(
                f"The stack in {emulator.home} was created on port {port}. Use that port again: PORT={port}. Or start"
                " afresh, without its photos: make clean"
            )


def put_secret(emulator: Emulator, name: str, value: Mapping[str, str]) -> str:
    """Store a JSON object in the emulator's Secrets Manager, and return the secret's name."""
    secrets = client(emulator, "secretsmanager")
    try:
        secrets.create_secret(Name=name, SecretString=json.dumps(value))
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=name, SecretString=json.dumps(value))
    return name


def outputs(emulator: Emulator) -> dict[str, str]:
    """Return the outputs of the deployed stack."""
    [stack] = client(emulator, "cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def physical_id(emulator: Emulator, logical_id: str) -> str:
    """Return the physical id of a resource of the template."""
    found = client(emulator, "cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def publish_existing(emulator: Emulator) -> None:
    """Start to publish existing photos, without waiting for the end.

    A fake identity provider starts empty, and a restarted emulator has lost the records' stream.
    """
    function = outputs(emulator)["ReconcileFunction"]
    client(emulator, "lambda").invoke(FunctionName=function, InvocationType="Event", Payload='{"continue": true}')


def _wire_routes(emulator: Emulator) -> None:
    """Create the API's routes, which MiniStack 1.5 does not read from the OpenAPI body of an HTTP API."""
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


def _close_own_address(emulator: Emulator) -> None:
    """Disable the API's own address if the stack does: MiniStack 1.5 does not read that from the body either."""
    [deployed] = client(emulator, "cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    values = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in deployed["Parameters"]}
    disabled = values["ExecuteApiEndpoint"] == "Disabled"
    client(emulator, "apigatewayv2").update_api(ApiId=API_ID, DisableExecuteApiEndpoint=disabled)


def _limit_concurrency(emulator: Emulator) -> None:
    """Set event sources' concurrency as numbers: MiniStack 1.5 stores parameters as text, and then stops polling."""
    functions = client(emulator, "lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if scaling := mapping.get("ScalingConfig"):
            number = {"MaximumConcurrency": int(scaling["MaximumConcurrency"])}
            functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=number)


def _allow_lookups(emulator: Emulator) -> None:
    """Allow the sweep to look up event source mappings: MiniStack 1.5 takes GetEventSourceMapping for a listing."""
    statement = {
        "Effect": "Allow",
        "Action": "lambda:ListEventSourceMappings",
        "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:event-source-mapping:*",
    }
    client(emulator, "iam").put_role_policy(
        RoleName=physical_id(emulator, "SweepRole"),
        PolicyName="emulator",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _routes(emulator: Emulator) -> Iterator[tuple[str, tuple[str, "AuthorizationTypeType"]]]:
    """Yield the routes of the translated template: route key, and the function's ARN with the authorizer's name."""
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
