"""A fake for Okta: as much of its Users API as publish needs, as its developer documentation has it.

The pages are "Users" and "Okta API error codes". It knows the users that it is given and keeps what is written into
their profiles.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Thread
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

from local import portrait
from local.emulator import LOOPBACK

# The token that opens the fake, and nothing else.
API_TOKEN = "test"  # noqa: S105  as the line above says
AUTHORIZATION = f"SSWS {API_TOKEN}"

# The attribute that an administrator adds, besides those of every profile that matter here.
ATTRIBUTE = "primaryPhotoValue"
_ATTRIBUTES = {"login", "email", "firstName", "lastName", ATTRIBUTE}

_CODES = {400: "E0000001", 401: "E0000011", 403: "E0000006", 404: "E0000007", 405: "E0000022", 415: "E0000021"}


class Okta:
    """Users by id, and the API that shows and changes them. `authorized` judges the `Authorization` header."""

    def __init__(self, authorized: Callable[[str], bool]) -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.edits_deactivated = False
        self._authorized = authorized
        self.app = Flask(__name__)
        self.app.before_request(self._check)
        self.app.errorhandler(HTTPException)(_problem)
        self.app.get("/api/v1/users")(self._search)
        self.app.get("/api/v1/users/<name>")(self._show)
        self.app.post("/api/v1/users/<name>")(self._change)

    def add(self, login: str, email: str) -> str:
        """Create a user and give the id."""
        user_id = f"00u{len(self.users):017}"
        self.users[user_id] = {"id": user_id, "status": "ACTIVE", "profile": {"login": login, "email": email}}
        return user_id

    def held(self, user_id: str) -> str | None:
        """Give the URL in a user's profile."""
        url: str | None = self.users[user_id]["profile"].get(ATTRIBUTE)
        return url

    def _check(self) -> Response | None:
        if request.path.startswith("/api/") and not self._authorized(request.headers.get("Authorization", "")):
            return _error(HTTPStatus.UNAUTHORIZED, "Invalid token provided")
        return None

    def _search(self) -> Response:
        """List users: a filter minds case, a search does not. Both find deactivated users, too."""
        [(kind, text)] = request.args.items()
        condition = re.fullmatch(r'profile\.(email|login) eq "([^"]+)"', text)
        if not condition or kind not in {"filter", "search"}:
            return _error(HTTPStatus.BAD_REQUEST, "Invalid filter")
        name, value = condition.groups()
        if kind == "filter":
            return jsonify([user for user in self.users.values() if user["profile"][name] == value])
        value = value.lower()
        return jsonify([user for user in self.users.values() if user["profile"][name].lower() == value])

    def _show(self, name: str) -> Response:
        user = self._find(name)
        return jsonify(user) if user else _unknown(name)

    def _change(self, name: str) -> Response:
        user, profile = self._find(name), request.get_json()["profile"]
        if user is None:
            return _unknown(name)
        if user["status"] == "DEPROVISIONED" and not self.edits_deactivated:
            return _error(
                HTTPStatus.FORBIDDEN, "This operation is not allowed in the user's current status.", code="E0000038"
            )
        if undefined := profile.keys() - _ATTRIBUTES:
            return _error(
                HTTPStatus.BAD_REQUEST, "Api validation failed: user", [f"{sorted(undefined)} is not defined"]
            )
        changed = user["profile"] | profile
        user["profile"] = {attribute: value for attribute, value in changed.items() if value is not None}
        return jsonify(user)

    def _find(self, name: str) -> dict[str, Any] | None:
        if name == "me":
            return next(iter(self.users.values()), None)  # whom the token belongs to
        by_login = (user for user in self.users.values() if user["profile"]["login"] == name)
        return self.users.get(name) or next(by_login, None)


def _error(status: int, summary: str, causes: list[str] | None = None, code: str | None = None) -> Response:
    code = code or _CODES.get(status, "E0000009")
    answer = jsonify(
        errorCode=code,
        errorSummary=summary,
        errorLink=code,
        errorId="sample",
        errorCauses=[{"errorSummary": cause} for cause in causes or []],
    )
    answer.status_code = status
    return answer


def _unknown(name: str) -> Response:
    return _error(HTTPStatus.NOT_FOUND, f"Not found: Resource not found: {name} (User)")


def _problem(error: HTTPException) -> Response:
    return _error(error.code or HTTPStatus.INTERNAL_SERVER_ERROR, error.name)


def with_people() -> Flask:
    """Give a fake that knows everybody of whom there is a portrait, and one API token."""
    okta = Okta(lambda header: header == AUTHORIZATION)
    for name in portrait.names():
        okta.add(name, f"{name}@example.com")
    return okta.app


@contextmanager
def serving(app: Callable[..., Any], port: int = 0, host: str = LOOPBACK, **options: Any) -> Iterator[str]:
    """Serve a WSGI application on a port of this machine, any free one if 0, and give its URL.

    `options` are those of `werkzeug.serving.make_server`.
    """
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it would tell of every request
    server = make_server(host, port, app, threaded=True, **options)
    thread = Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
