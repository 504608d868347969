"""A fake of Headshot's API on loopback. The stack's other parts are the real ones."""

import pytest
from flask import Flask, jsonify, request

from headshot_cli.stack import Stack
from local.fake_okta import serving


class FakeApi:
    """Answers requests about a user by `answers[method]`, a function of the user id that returns status and JSON.

    `pages` are the user ids that GET /users lists, page by page; set `answers["users"]` to reject such a request.
    """

    def __init__(self):
        self.url, self.requests, self.answers = "", [], {}
        self.pages: list[list[str]] = [[]]
        self.app = Flask(__name__)
        self.app.route("/users/<user_id>/photo", methods=["GET", "PUT", "DELETE"])(self._answer)
        self.app.route("/users")(self._users)

    def _answer(self, user_id):
        self.requests.append((request.method, user_id))
        status, value = self.answers[request.method](user_id)
        return jsonify(value), status

    def _users(self):
        if "users" in self.answers:
            status, value = self.answers["users"]()
            return jsonify(value), status
        page = int(request.args.get("start_after", "page 0").removeprefix("page "))
        users = [{"user_id": user_id, "published": None} for user_id in self.pages[page]]
        return jsonify({"users": users, "start_after": f"page {page + 1}" if page + 1 < len(self.pages) else None})


@pytest.fixture
def api(rig, monkeypatch):
    """Make the command use the fake as the stack's API."""
    api = FakeApi()
    with serving(api.app) as api.url:
        monkeypatch.setattr(Stack, "_outputs", rig.outputs | {"ApiEndpoint": api.url})
        yield api
