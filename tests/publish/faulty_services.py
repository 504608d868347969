"""The services that Headshot calls, each behind a proxy in which it fails: four of AWS, and the identity provider."""

import json
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http import HTTPStatus

import urllib3

from local.fake_okta import serving
from tests.fakes.faults import Faulty, answer, disconnect, handle_and_disconnect, no_response, slow
from tests.stack.test_faults import changed

AWS = {"S3": "S3", "DynamoDB": "DYNAMODB", "SQS": "SQS", "Secrets Manager": "SECRETS_MANAGER"}
IDENTITY_PROVIDER = "identity provider"
SERVICES = (*AWS, IDENTITY_PROVIDER)
KINDS = ("down", "slow", "throttling", "resetting connections", "failing at random")
_FUNCTIONS = ("UploadFunction", "ServeFunction", "RelayFunction", "PublishFunction")

# Headers of one connection (RFC 9110 §7.6.1), and those that each server adds itself.
_OWN = {"connection", "keep-alive", "transfer-encoding", "date", "server"}

_SLOW_SECONDS = 1  # Headshot waits for 2 s (headshot/stores/aws.py)


def forward(url):
    """Return a WSGI application that forwards every request to the server at `url`, unchanged."""
    pool = urllib3.PoolManager(maxsize=50)

    def app(environ, start_response):
        headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
        headers = {name: value for name, value in headers.items() if name not in ("EXPECT", "CONNECTION")}
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        send = partial(pool.request, environ["REQUEST_METHOD"], url + environ["REQUEST_URI"], redirect=False)
        try:
            response = send(body=body, headers=headers, retries=False, decode_content=False)
        except urllib3.exceptions.HTTPError:  # the emulator is being restarted
            return disconnect(environ, start_response)
        kept = [(name, value) for name, value in response.headers.items() if name.lower() not in _OWN]
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", kept)
        return [response.data]

    return app


def faults(kind, service, app, count):
    """Return the faults for the next `count` requests to a service, which `app` would handle."""
    hangs, resets = [slow(app, _SLOW_SECONDS), no_response], [disconnect, handle_and_disconnect(app)]
    some = {
        "down": [_down(service)],
        "slow": hangs,
        "throttling": [_throttled(service)],
        "resetting connections": resets,
    }
    some["failing at random"] = [*(fault for several in some.values() for fault in several), app, app, app]
    if kind == "failing at random":
        return random.choices(some[kind], k=count)
    return [some[kind][number % len(some[kind])] for number in range(count)]


def _down(service):
    if service == "S3":
        return _s3("ServiceUnavailable")
    return answer(503, body=json.dumps({"__type": "ServiceUnavailable"}).encode())


def _throttled(service):
    """Return how a service says that there were too many requests ("Error responses", of each one's API reference)."""
    if service == "S3":
        return _s3("SlowDown")
    if service == IDENTITY_PROVIDER:
        return answer(429, {"Retry-After": "1"})
    code = "ProvisionedThroughputExceededException" if service == "DynamoDB" else "ThrottlingException"
    return answer(400, body=json.dumps({"__type": code}).encode())


def _s3(code):
    return answer(503, {"Content-Type": "application/xml"}, f"<Error><Code>{code}</Code></Error>".encode())


class FaultyServices:
    """The proxies, by service."""

    def __init__(self, proxies: dict[str, Faulty]) -> None:
        self._proxies = proxies

    @contextmanager
    def failing(self, service, kind, count):
        """Make a service fail for the next `count` requests, at the latest until the block ends.

        Yield a function that returns how many requests have met a fault.
        """
        proxy = self._proxies[service]
        proxy.faults.extend(faults(kind, service, proxy._app, count))
        yield lambda: count - len(proxy.faults)
        proxy.faults.clear()


@contextmanager
def faulty_services(rig, system) -> Iterator[FaultyServices]:
    """Lead the functions' calls to AWS through the proxies. `system` is the fake identity provider."""
    proxies = {IDENTITY_PROVIDER: system.app}
    with ExitStack() as stack:
        variables = {}
        for service, name in AWS.items():
            proxies[service] = Faulty(forward(rig.emulator.url))
            variables[f"AWS_ENDPOINT_URL_{name}"] = stack.enter_context(serving(proxies[service]))
        for function in _FUNCTIONS:
            stack.enter_context(changed(rig, function, **variables))
        yield FaultyServices(proxies)
