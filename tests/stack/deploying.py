"""Deploys template.yaml through CloudFormation's API."""

import json
import shutil

from local import stack
from local.emulator import API_ID
from local.stack import PROJECT
from tests.unit.template import TEMPLATE
from tests.unit.translated import uploaded

BUCKET = "code"


def deploy(emulator, parameters=None):
    """Create the stack as `sam deploy` does, which spends most of its time on starting SAM CLI.

    Tests of what users do deploy with `local.stack.deploy`.
    """
    s3, cloudformation = stack.client(emulator, "s3"), stack.client(emulator, "cloudformation")
    s3.create_bucket(Bucket=BUCKET)
    for folder in ("functions", "layers"):
        file = shutil.make_archive(str(emulator.home / folder), "zip", PROJECT / folder)
        s3.upload_file(file, BUCKET, f"{folder}.zip")
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(uploaded(TEMPLATE, BUCKET)))
    values = {"BaseUrl": emulator.api_url} | (parameters or {})
    cloudformation.create_stack(
        StackName=stack.STACK,
        TemplateURL=f"{emulator.url}/{BUCKET}/template.json",
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Tags=[{"Key": "ms-custom-id", "Value": API_ID}],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack.STACK, WaiterConfig={"Delay": 1})
    stack.complete(emulator)
