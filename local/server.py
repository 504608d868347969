"""Starts MiniStack with what the local stack needs: `python -m local.server ADDRESS:PORT...`."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from threading import Event, Lock, Thread
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.services import lambda_svc

from local import gateway

# Seconds between two writes of the state while requests arrive.
_SAVE_SECONDS = 5

_PROTOCOL = b"x-forwarded-proto"

_changed, _saving = Event(), Lock()


def main(addresses: list[str]) -> None:
    """Run MiniStack on these addresses until SIGTERM."""
    gateway.install()
    _assume_tls()
    _forget_stream_positions()
    _save_now_and_then()
    config = Config()
    config.bind = addresses
    config.keep_alive_timeout = 75  # seconds, as in MiniStack's own main
    asyncio.run(serve(ministack.app, config))


def _assume_tls() -> None:
    """Take requests for encrypted, unless they say otherwise in `X-Forwarded-Proto`.

    The template's policies deny plain HTTP, and the emulator speaks nothing else. It believes a proxy that ends TLS.
    """
    app = ministack.app

    async def forwarded(
        scope: Any, receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[Any]]
    ) -> None:
        if scope["type"] == "http" and _PROTOCOL not in dict(scope["headers"]):
            scope = {**scope, "headers": [*scope["headers"], (_PROTOCOL, b"https")]}
        await app(scope, receive, send)

    ministack.app = forwarded


def _forget_stream_positions() -> None:
    """Read streams from their beginning after a restart.

    MiniStack restores the position at which a function reads a stream, but not the stream's records. New records would
    not be read until there are as many as before.
    """
    lambda_svc._restore_esm_positions = lambda _store, _positions: None


def _save_now_and_then() -> None:
    """Also write the state while MiniStack runs. By itself, it writes only when it stops, so a crash loses records."""
    save_all, app = ministack.save_all, ministack.app

    def save(services: Mapping[str, Callable[[], Any]]) -> None:
        with _saving:  # this thread and MiniStack's own stop write the same files
            save_all(services)

    async def noting(scope: Any, receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[Any]]) -> None:
        await app(scope, receive, send)
        _changed.set()

    def run() -> None:
        while _changed.wait():
            _changed.clear()
            save(ministack._build_persistence_save_dict())
            Event().wait(_SAVE_SECONDS)

    ministack.save_all, ministack.app = save, noting
    logging.getLogger("persistence").setLevel(logging.WARNING)  # it logs every file that it writes
    Thread(target=run, name="save", daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1:])
