"""What `sam local` needs to run the functions in containers beside the local stack (docs/sam-local.md)."""

import ipaddress
import json
import platform
import subprocess

from local.emulator import LOOPBACK, Emulator, EmulatorError
from local.stack import STACK, client, outputs, physical_id

# The name under which containers reach this machine.
HOST = "host.docker.internal"

# What `platform.machine` returns for the two architectures of Lambda.
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}


_CONFIG = """# Written by `make run` for `sam local … --config-file`: where functions in containers find the deployed
# stack, the architecture of this machine, and its address, which Docker on Linux does not set on its own.
version = 0.1

[default.local_invoke.parameters]
env_vars = "{environment}"
parameter_overrides = "Architecture={architecture}"
add_host = ["{host}:host-gateway"]

[default.local_start_api.parameters]
env_vars = "{environment}"
parameter_overrides = "Architecture={architecture}"
add_host = ["{host}:host-gateway"]
"""


def write_settings(emulator: Emulator) -> None:
    """Write the options of `sam local` for this stack and machine, and the functions' environment variables."""
    environment = emulator.home / "sam-local.json"
    environment.write_text(json.dumps(_environment(emulator), indent=2) + "\n")
    config = _CONFIG.format(environment=environment, architecture=architecture(), host=HOST)
    (emulator.home / "sam-local.toml").write_text(config)


def architecture() -> str:
    """Return the value of the template's `Architecture` parameter for this machine."""
    return _ARCHITECTURES.get(platform.machine().lower(), "arm64")


def bridge_address() -> str:
    """Return the address at which containers on Docker's bridge reach this machine.

    Raises
    ------
    EmulatorError
        If no Docker engine answers.
    """
    command = ["docker", "network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}"]
    try:
        inspected = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise EmulatorError("CONTAINERS=yes needs Docker, but there is no docker command. Install Docker.") from error
    except subprocess.CalledProcessError as error:
        raise EmulatorError(
            f"CONTAINERS=yes needs Docker, but its engine does not answer: {error.stderr.strip()}. Start the engine."
        ) from error
    for network in json.loads(inspected.stdout):
        subnet = ipaddress.ip_network(network["Subnet"])
        if subnet.version == 4:  # noqa: PLR2004  IPv4, which containers always have
            # On its first start, the engine does not report the gateway (moby/moby #26799): it is the first address.
            return str(network.get("Gateway") or subnet[1])
    raise EmulatorError(
        "CONTAINERS=yes needs an IPv4 subnet on Docker's bridge network, but there is none. Enable IPv4 in Docker."
    )


def _environment(emulator: Emulator) -> dict[str, dict[str, str]]:
    """Return the functions' environment variables in the format of `sam local --env-vars`."""
    [current] = client(emulator, "cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    parameters = {item["ParameterKey"]: item["ParameterValue"] for item in current["Parameters"]}
    names = outputs(emulator)
    everywhere = {
        "PHOTOS_BUCKET": names["PhotosBucket"],
        "RECORDS_TABLE": names["RecordsTable"],
        "UPLOADS_TABLE": physical_id(emulator, "UploadsTable"),
        "AWS_ENDPOINT_URL": f"http://{HOST}:{emulator.port}",
        "INGEST_QUEUE": names["IngestQueue"],
        "INGEST_DEAD_LETTER_QUEUE": names["IngestDeadLetterQueue"],
        "FORM_ENDPOINT_URL": emulator.url,
        "PUBLISH_QUEUE": names.get("PublishQueue", ""),
        "PUBLISH_DEAD_LETTER_QUEUE": names.get("PublishDeadLetterQueue", ""),
        "CONSUMERS": physical_id(emulator, "IngestFunctionQueue"),
        "STACK_NAME": STACK,
        "IDENTITY_PROVIDER": parameters["IdentityProvider"],
        "IDENTITY_PROVIDER_URL": parameters["IdentityProviderUrl"].replace(LOOPBACK, HOST),
        "IDENTITY_PROVIDER_SECRET": parameters["IdentityProviderSecret"],
        "API_ENDPOINT": emulator.api_url,
    }
    return {"Parameters": everywhere}
