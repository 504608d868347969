"""Deploys an identity provider into the running stack, as an administrator does."""

import json
from contextlib import contextmanager

from local import stack
from local.fake_okta import serving
from tests.stack.conftest import Rig


@contextmanager
def identity_provider(rig, system, **parameters):
    """Serve a fake and update the stack to use it, with other parameters if need be; undo that at the end."""
    name = f"headshot/{system.name.lower()}-{len(rig.client('secretsmanager').list_secrets()['SecretList'])}"
    rig.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(system.secret))
    with serving(system.app) as url:
        settings = system.settings(url)
        update_stack(
            rig,
            IdentityProvider=system.name,
            IdentityProviderUrl=settings.url,
            IdentityProviderTokenUrl=settings.token_url,
            IdentityProviderSecret=name,
            IdentityProviderAttribute=settings.attribute,
            **parameters,
        )
        yield Rig(rig.emulator, stack.outputs(rig.emulator), rig.process_group)
        update_stack(rig, IdentityProvider="None")


def update_stack(rig, **parameters):
    """Change parameters of the stack, as `aws cloudformation update-stack --use-previous-template` does."""
    cloudformation = rig.client("cloudformation")
    [current] = cloudformation.describe_stacks(StackName=stack.STACK)["Stacks"]
    kept = {item["ParameterKey"]: item["ParameterValue"] for item in current["Parameters"]}
    cloudformation.update_stack(
        StackName=stack.STACK,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in (kept | parameters).items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=stack.STACK, WaiterConfig={"Delay": 1})
