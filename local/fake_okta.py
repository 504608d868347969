"""A fake Okta: the part of the Users API that publish needs ("Users" and "Okta API error codes", Okta's documentation).

`make run IDENTITY_PROVIDER=Okta` serves it one port above the emulator, 4567 by default. It keeps profiles in memory;
at every start, `make run` publishes the existing photos again. These users live in it:

- The 200 people that `make portraits` draws, from `ada.allen` to `tim.goldberg`. Their logins are the names of the
  files without `.jpg`, their e-mail addresses end in `@example.com`. Publishing works.
- `deactivated`: a deactivated account. Okta rejects every change (403 E0000038), so publishing fails permanently.
- `forbidden`: a user outside the admin role of Headshot's app. Okta rejects every call (403 E0000006). That counts as a
  configuration error: publish retries for a day, and the alarm of the identity provider fires.
- `twin.one` and `twin.two`: two users with the e-mail address `twins@example.com`. A photo uploaded for that address
  fails permanently; photos uploaded for the logins are published.

Everyone else is unknown (404 E0000007): a photo waits a day for the account to appear.
To see a failure, upload a photo for one of these ids: `headshot list --unpublished` then says what is wrong and what to
do.
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

# The token of the fake. It opens nothing else.
API_TOKEN = "test"  # noqa: S105  as the line above says
AUTHORIZATION = f"SSWS {API_TOKEN}"

# The attribute that an administrator adds to the profile, and the others that matter here.
ATTRIBUTE = "primaryPhotoValue"
_ATTRIBUTES = {"login", "email", "firstName", "lastName", ATTRIBUTE}

_DEACTIVATED = "DEPROVISIONED"

_CODES = {400: "E0000001", 401: "E0000011", 403: "E0000006", 404: "E0000007", 405: "E0000022", 415: "E0000021"}


class Okta:
    """Users by id, and the API that reads and changes them. `authorized` checks the `Authorization` header.

    The ids in `forbidden` are outside the caller's admin role. `edits_deactivated` is the organisation's feature "Edit
    Deactivated User Profile Updates".
    """

    def __init__(self, authorized: Callable[[str], bool]) -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.forbidden: set[str] = set()
        self.edits_deactivated = False
        self._authorized = authorized
        self.app = Flask(__name__)
        self.app.before_request(self._check)
        self.app.errorhandler(HTTPException)(_http_error)
        self.app.get("/api/v1/users")(self._search)
        self.app.get("/api/v1/users/<name>")(self._show)
        self.app.post("/api/v1/users/<name>")(self._change)

    def add(self, login: str, email: str) -> str:
        """Create a user and return the id."""
        user_id = f"00u{len(self.users):017}"
        self.users[user_id] = {"id": user_id, "status": "ACTIVE", "profile": {"login": login, "email": email}}
        return user_id

    def deactivate(self, user_id: str) -> None:
        """Deactivate a user."""
        self.users[user_id]["status"] = _DEACTIVATED

    def photo_url(self, user_id: str) -> str | None:
        """Return the URL in a user's profile."""
        url: str | None = self.users[user_id]["profile"].get(ATTRIBUTE)
        return url

    def _check(self) -> Response | None:
        if request.path.startswith("/api/") and not self._authorized(request.headers.get("Authorization", "")):
            return _error(HTTPStatus.UNAUTHORIZED, "Invalid token provided")
        return None

    def _search(self) -> Response:
        """List users. A filter is case-sensitive, a search is not. Both find deactivated users."""
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
        if user is None:
            return _unknown(name)
        return _forbidden() if user["id"] in self.forbidden else jsonify(user)

    def _change(self, name: str) -> Response:
        user, profile = self._find(name), request.get_json()["profile"]
        if user is None:
            return _unknown(name)
        if user["id"] in self.forbidden:
            return _forbidden()
        if user["status"] == _DEACTIVATED and not self.edits_deactivated:
            return _error(
                HTTPStatus.FORBIDDEN, "This operation is not allowed in the user's current status.", code="E0000038"
            )
        undefined = profile.keys() - _ATTRIBUTES
        if undefined:
            return _error(
                HTTPStatus.BAD_REQUEST, "Api validation failed: user", [f"{sorted(undefined)} is not defined"]
            )
        changed = user["profile"] | profile
        user["profile"] = {attribute: value for attribute, value in changed.items() if value is not None}
        return jsonify(user)

    def _find(self, name: str) -> dict[str, Any] | None:
        if name == "me":
            return next(iter(self.users.values()), None)  # the user whom the token belongs to
        by_login = (user for user in self.users.values() if user["profile"]["login"] == name)
        return self.users.get(name) or next(by_login, None)


def _error(status: int, summary: str, causes: list[str] | None = None, code: str | None = None) -> Response:
    code = code or _CODES.get(status, "E0000009")
    response = jsonify(
        errorCode=code,
        errorSummary=summary,
        errorLink=code,
        errorId="sample",
        errorCauses=[{"errorSummary": cause} for cause in causes or []],
    )
    response.status_code = status
    return response


def _unknown(name: str) -> Response:
    return _error(HTTPStatus.NOT_FOUND, f"Not found: Resource not found: {name} (User)")


def _forbidden() -> Response:
    return _error(HTTPStatus.FORBIDDEN, "You do not have permission to perform the requested action")


def _http_error(error: HTTPException) -> Response:
    return _error(error.code or HTTPStatus.INTERNAL_SERVER_ERROR, error.name)


def with_people() -> Okta:
    """Return a fake with the users that the module's docstring lists, opened by `API_TOKEN`."""
    okta = Okta(lambda header: header == AUTHORIZATION)
    for name in portrait.names():
        okta.add(name, f"{name}@example.com")
    okta.deactivate(okta.add("deactivated", "deactivated@example.com"))
    okta.forbidden.add(okta.add("forbidden", "forbidden@example.com"))
    for name in ("twin.one", "twin.two"):
        okta.add(name, "twins@example.com")
    return okta


@contextmanager
def serving(app: Callable[..., Any], port: int = 0, host: str = LOOPBACK, **options: Any) -> Iterator[str]:
    """Serve a WSGI application on a port of this machine, any free one if 0, and return its URL.

    `options` are those of `werkzeug.serving.make_server`.
    """
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # at INFO it logs every request
    server = make_server(host, port, app, threaded=True, **options)
    thread = Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
