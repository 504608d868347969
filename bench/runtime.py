"""Runs a package once, as Lambda does: awslambdaric gets one event from a runtime API on loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

# "Using the Lambda runtime API for custom runtimes", Lambda developer guide.
_VERSION = "/2018-06-01/runtime/"


@dataclass(frozen=True, slots=True)
class Package:
    """A handler, the folders to import it from, and its environment."""

    handler: str
    folders: Sequence[Path]
    environment: Mapping[str, str]


class ColdStartError(Exception):
    """The function did not answer. The message is what it reported."""


def cold_start(package: Package, event: Mapping[str, Any]) -> tuple[float, Any]:
    """Start a process for one event, and return its CPU seconds until it asks for the next, and what it returned."""
    results: SimpleQueue[Any] = SimpleQueue()
    over = Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(json.dumps(event).encode(), results, over))
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        **package.environment,
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "PYTHONPATH": os.pathsep.join(map(str, package.folders)),
        "LAMBDA_TASK_ROOT": str(package.folders[0]),
    }
    # -S: without the development environment's packages.
    command = [sys.executable, "-S", "-m", "awslambdaric", package.handler]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        if not over.wait(60):
            results.put(ColdStartError("no answer within 60 s"))
    finally:
        process.kill()
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
        server.shutdown()
        server.server_close()
    found = results.get()
    if isinstance(found, ColdStartError):
        raise found
    return used.ru_utime + used.ru_stime, found


def _handler(event: bytes, results: "SimpleQueue[Any]", over: Event) -> type[BaseHTTPRequestHandler]:
    class RuntimeApi(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if not results.empty():
                over.set()  # it is done, and asks for the next event
                Event().wait(60)
                return
            self._answer(200, event)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(202, b"{}")
            if self.path.endswith("/response"):
                results.put(json.loads(body))
            else:
                results.put(ColdStartError(body.decode()))
                over.set()

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json")
            self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
            self.send_header("Lambda-Runtime-Deadline-Ms", "4102444800000")
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:f")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    return RuntimeApi
