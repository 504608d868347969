"""Headshot's API on loopback, which answers what a test has it answer; the stack's other parts are the real ones."""

import pytest
from flask import Flask, jsonify, request

from headshot_cli.stack import Stack
from local.fake_okta import serving


class FakeApi:
    """Answers requests about a user by `answers[method]`: a function of the user id that returns status and JSON."""

    def __init__(self):
        self.url, self.requests, self.answers = "", [], {}
        self.app = Flask(__name__)
        self.app.route("/users/<user_id>/photo", methods=["GET", "PUT", "DELETE"])(self._answer)

    def _answer(self, user_id):
        self.requests.append((request.method, user_id))
        status, value = self.answers[request.method](user_id)
        return jsonify(value), status


@pytest.fixture
def api(rig, monkeypatch):
    """Have the command take the fake for the stack's API."""
    api = FakeApi()
    with serving(api.app) as api.url:
        monkeypatch.setattr(Stack, "_outputs", rig.outputs | {"ApiEndpoint": api.url})
        yield api
