"""A fake of PingOne: "Read User", "Read Users" with a SCIM filter, "Update User (Patch)" and "Error codes" in the
PingOne Platform API reference.
"""

import re
import uuid

from flask import Flask, jsonify, request

ENVIRONMENT = "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6"
_ATTRIBUTES = {"photo", "nickname", "title", "photoUrl"}


class PingOne:
    def __init__(self, authorized):
        self.users = {}
        self._authorized = authorized
        self.app = Flask(__name__)
        self.app.before_request(self._check)
        self.app.get(f"/v1/environments/{ENVIRONMENT}/users")(self._search)
        self.app.get(f"/v1/environments/{ENVIRONMENT}/users/<user_id>")(self._show)
        self.app.patch(f"/v1/environments/{ENVIRONMENT}/users/<user_id>")(self._change)

    def add(self, login, email):
        user_id = str(uuid.uuid4())
        self.users[user_id] = {"id": user_id, "username": login, "email": email}
        return user_id

    def photo_url(self, user_id):
        user = self.users[user_id]
        return user.get("photo", {}).get("href") or user.get("photoUrl")

    def _check(self):
        if request.path.startswith("/v1/") and not self._authorized(request.headers.get("Authorization", "")):
            return failure(401, "ACCESS_FAILED", "The request could not be completed. You do not have access.")
        return None

    def _search(self):
        condition = re.fullmatch(r'(username|email) eq "([^"]+)"', request.args.get("filter", ""))
        if not condition:
            return failure(400, "INVALID_REQUEST", "The filter is invalid.")
        found = [user for user in self.users.values() if user[condition[1]] == condition[2]]
        return jsonify({"_embedded": {"users": found}, "count": len(found), "size": len(found)})

    def _show(self, user_id):
        return jsonify(self.users[user_id]) if user_id in self.users else missing()

    def _change(self, user_id):
        if user_id not in self.users:
            return missing()
        change = request.get_json()
        undefined = change.keys() - _ATTRIBUTES
        if undefined:
            return invalid(min(undefined), "Attribute is not defined")
        if change.get("photo") and change["photo"].keys() != {"href"}:
            return invalid("photo", "must be an object with href")
        user = self.users[user_id] | change
        self.users[user_id] = {name: value for name, value in user.items() if value is not None}
        return jsonify(self.users[user_id])


def failure(status, code, message, details=()):
    return jsonify({"id": "sample", "code": code, "message": message, "details": list(details)}), status


def missing():
    return failure(404, "NOT_FOUND", "The requested resource was not found.")


def invalid(target, message):
    details = [{"code": "INVALID_VALUE", "target": target, "message": message}]
    return failure(400, "INVALID_DATA", "The request could not be completed. There was a validation error.", details)
