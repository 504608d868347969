"""A fake of Microsoft Graph: "Get a user", "Update user", "List users", "Get profilePhoto" and "Microsoft Graph
error responses and resource types" in the Microsoft Graph v1.0 reference, "Paging Microsoft Graph data in your app",
and "Manage extension properties" for directory extensions.
"""

import re
import uuid
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request

EXTENSION = "extension_b7d8e648520f41d3b9c0fdeb91768a0a_photoUrl"
PAGE = 7  # users; Graph's pages have up to 999
_CLASSIC = {f"extensionAttribute{number}" for number in range(1, 16)}


class Entra:
    def __init__(self, authorized):
        self.users, self.photos = {}, {}
        self.next_page = None
        self._authorized = authorized
        self.app = Flask(__name__)
        self.app.before_request(self._check)
        self.app.get("/v1.0/users")(self._search)
        self.app.get("/v1.0/users/<name>")(self._show)
        self.app.get("/v1.0/users/<name>/photo/$value")(self._photo)
        self.app.patch("/v1.0/users/<name>")(self._change)

    def add(self, login, email, photo=None, **others):
        user_id = str(uuid.uuid4())
        self.photos[user_id] = photo
        self.users[user_id] = others | {
            "id": user_id,
            "userPrincipalName": login,
            "mail": email,
            "onPremisesExtensionAttributes": {},
        }
        return user_id

    def photo_url(self, user_id):
        user = self.users[user_id]
        return user.get(EXTENSION) or user["onPremisesExtensionAttributes"].get("extensionAttribute7")

    def _check(self):
        if request.path.startswith("/v1.0/") and not self._authorized(request.headers.get("Authorization", "")):
            return error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        return None

    def _search(self):
        if request.args.get("$filter") == "accountEnabled eq true":
            return self._list(int(request.args.get("$skiptoken", 0)))
        condition = re.fullmatch(r"mail eq '((?:[^']|'')+)'", request.args.get("$filter", ""))
        if not condition:
            return error(400, "Request_UnsupportedQuery", "Unsupported Query.")
        address = condition[1].replace("''", "'")
        return jsonify({"value": [self._selected(user) for user in self.users.values() if user["mail"] == address]})

    def _list(self, start):
        """Return a page and the full URL of the next."""
        users = [user for user in self.users.values() if user.get("accountEnabled", True)]
        page: dict[str, Any] = {"value": [self._selected(user) for user in users[start : start + PAGE]]}
        if start + PAGE < len(users):
            query = request.args.to_dict() | {"$skiptoken": start + PAGE}
            page["@odata.nextLink"] = self.next_page or f"{request.base_url}?{urlencode(query)}"
        return jsonify(page)

    def _photo(self, name):
        user = self._find(name)
        if user is None or self.photos[user["id"]] is None:
            return error(404, "ImageNotFound", "The photo wasn't found.")
        return Response(self.photos[user["id"]], content_type="image/jpeg")

    def _show(self, name):
        user = self._find(name)
        return jsonify(self._selected(user)) if user else unknown(name)

    def _change(self, name):
        user, change = self._find(name), request.get_json()
        if user is None:
            return unknown(name)
        classic = change.pop("onPremisesExtensionAttributes", {})
        undefined = sorted((change.keys() - {EXTENSION}) | (classic.keys() - _CLASSIC))
        if undefined:
            text = f"The following extension properties are not available: {undefined[0]}."
            return error(400, "Request_BadRequest", text)
        user |= change
        user["onPremisesExtensionAttributes"] |= classic
        return "", 204

    def _find(self, name):
        return next((user for user in self.users.values() if name in (user["id"], user["userPrincipalName"])), None)

    def _selected(self, user):
        """Return the selected properties. Graph returns extensions only if they are selected."""
        names = request.args.get("$select", "id,userPrincipalName,mail").split(",")
        return {name: user[name] for name in names if user.get(name) is not None}


def error(status, code, message):
    return jsonify({"error": {"code": code, "message": message, "innerError": {"request-id": "sample"}}}), status


def unknown(name):
    text = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return error(404, "Request_ResourceNotFound", text)
