"""The packages that `sam build` creates are complete: they need nothing from this machine."""

import json
import os
import re
import subprocess
import sys
from importlib import metadata
from importlib.util import source_from_cache
from pathlib import Path

import pytest
from samcli.yamlhelper import yaml_parse

from local.stack import PROJECT
from tests.package.tools import without_pip
from tests.unit.template import RESOURCES

HOST = f"{sys.version_info.major}.{sys.version_info.minor}"


def sam_build(folder, python_version):
    """Build as the README says, for Lambda's Python version or for this one.

    Without pip, uv fetches the wheels, in a fraction of the time. test_package_tools.py shows that both build the same.
    """
    tools = without_pip(folder.with_name(f"{folder.name}-tools"))
    path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [Path(sys.executable).with_name("sam"), "build", "--no-cached", "--build-dir", folder]
    subprocess.run(command, cwd=PROJECT, env={**os.environ, "PATH": path, "PYTHON_VERSION": python_version}, check=True)
    return folder


@pytest.fixture(scope="module")
def for_lambda(tmp_path_factory):
    return sam_build(tmp_path_factory.mktemp("lambda"), "3.13")


@pytest.fixture(scope="module")
def for_this_machine(tmp_path_factory):
    return sam_build(tmp_path_factory.mktemp("host"), HOST)


@pytest.fixture(scope="module")
def boto3_alone(tmp_path_factory):
    """A folder with boto3 and its dependencies, which Lambda's Python includes."""
    folder = tmp_path_factory.mktemp("boto3")
    uv = Path(sys.executable).with_name("uv")
    boto3 = f"boto3=={metadata.version('boto3')}"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", folder, boto3], check=True)
    return folder


IMPORT = """
import importlib, json, sys
sys.path[:0] = sys.argv[2:]
handler = importlib.import_module(sys.argv[1]).handler
if sys.argv[1].startswith(("publish.", "reconcile.")):  # PyJWT would start without cryptography, and not sign
    from headshot.identity.dpop import Prover
    assert Prover().proof("GET", "https://example.com")
print(json.dumps([callable(handler), sorted({name.partition(".")[0] for name in sys.modules})]))
"""


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the layer holds code compiled for Linux")


@pytest.mark.parametrize(
    ("function", "layers"),
    [
        ("ServeFunction", []),
        ("SweepFunction", []),
        ("RelayFunction", []),
        pytest.param("UploadFunction", ["ImagingLayer/python"], marks=on_linux),
        pytest.param("IngestFunction", ["ImagingLayer/python"], marks=on_linux),
        pytest.param("PublishFunction", ["IdentityLayer/python"], marks=on_linux),
        pytest.param("ReconcileFunction", ["IdentityLayer/python"], marks=on_linux),
    ],
)
def test_a_handler_starts_from_its_package_and_boto3_alone(for_this_machine, boto3_alone, function, layers):
    template = yaml_parse((for_this_machine / "template.yaml").read_text())
    module = template["Resources"][function]["Properties"]["Handler"].removesuffix(".handler")
    path = [for_this_machine / part for part in (function, *layers)] + [boto3_alone]
    resources = yaml_parse((PROJECT / "template.yaml").read_text())
    variables = {
        **resources["Globals"]["Function"]["Environment"]["Variables"],
        **resources["Resources"][function]["Properties"].get("Environment", {"Variables": {}})["Variables"],
    }
    environment = dict.fromkeys(variables, "-") | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "IDENTITY_PROVIDER": "Okta",
        "LOG_RETENTION_DAYS": "30",
    }
    environment |= {"AWS_ACCESS_KEY_ID": "-", "AWS_SECRET_ACCESS_KEY": "-", "POWERTOOLS_LOG_LEVEL": "INFO"}
    del environment["AWS_ENDPOINT_URL"]
    command = [sys.executable, "-I", "-S", "-c", IMPORT, module, *path]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    is_callable, modules = json.loads(done.stdout)
    assert is_callable
    assert ("PIL" in modules) is (function in {"UploadFunction", "IngestFunction"})
    for name in ("jwt", "cryptography"):
        assert (name in modules) is (function in {"PublishFunction", "ReconcileFunction"})


FUNCTIONS = {
    name: name.removesuffix("Function").lower()
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::Function"
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_package_holds_boto3_libraries_of_a_layer_or_code_of_another_function(for_lambda, function):
    contents = {entry.name for entry in (for_lambda / function).iterdir()}
    assert not {"PIL", "jwt", "cryptography", "boto3", "botocore", "bin"} & contents
    assert {"headshot", "aws_lambda_powertools"} <= contents
    assert set(FUNCTIONS.values()) & contents == {FUNCTIONS[function]}


@pytest.mark.parametrize("part", [*FUNCTIONS, "ImagingLayer", "IdentityLayer"])
def test_packages_are_compiled_by_the_python_version_of_the_functions(for_this_machine, part):
    sources = set((for_this_machine / part).rglob("*.py"))
    compiled = (for_this_machine / part).rglob("*.pyc")
    assert sources == {Path(source_from_cache(file)) for file in compiled}


COMPILED = {
    "ImagingLayer": "PIL/_imaging.cpython-313-{}-linux-gnu.so",
    "IdentityLayer": "cryptography/hazmat/bindings/_rust.cpython-313-{}-linux-gnu.so",
}
MACHINES = {"aarch64": 0xB7, "x86_64": 0x3E}


@pytest.mark.parametrize("architecture", MACHINES)
@pytest.mark.parametrize("layer", COMPILED)
def test_a_layer_holds_binaries_for_both_architectures(for_lambda, layer, architecture):
    compiled = (for_lambda / layer / "python" / COMPILED[layer].format(architecture)).read_bytes()
    assert compiled[:4] == b"\x7fELF"
    assert compiled[18] == MACHINES[architecture]  # e_machine, System V ABI, "ELF Header"
    assert not list((for_lambda / layer).rglob("*.abi3.so"))


@pytest.mark.parametrize("layer", COMPILED)
def test_a_layer_holds_the_pinned_versions(for_lambda, layer):
    folder = layer.removesuffix("Layer").lower()
    pins = re.findall(
        r"^([\w.-]+)==([\w.]+)", (PROJECT / f"layers/{folder}/requirements.txt").read_text(), re.MULTILINE
    )
    found = {file.name.lower() for file in (for_lambda / layer / "python").glob("*.dist-info")}
    assert {f"{name.replace('-', '_')}-{version}.dist-info" for name, version in pins} == found


def test_packages_stay_small(for_lambda):
    sizes = {
        part.name: sum(file.stat().st_size for file in part.rglob("*") if file.is_file()) // 1_000_000
        for part in for_lambda.iterdir()
        if part.is_dir()
    }
    assert all(sizes[function] < 10 for function in FUNCTIONS), sizes
    assert sizes["UploadFunction"] + sizes["ImagingLayer"] < 60, sizes
    assert sizes["PublishFunction"] + sizes["IdentityLayer"] < 60, sizes
