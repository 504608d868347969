"""A fake of OneLogin: "List Users", "Get a User" (version 2), "Set Custom Attribute Value" (version 1) and
"Generate Tokens" in OneLogin's developer documentation.
"""

from flask import Flask, jsonify, request


class OneLogin:
    def __init__(self, client_id, client_secret):
        self.users, self.issued = {}, set()
        self._client = (client_id, client_secret)
        self.app = Flask(__name__)
        self.app.before_request(self._check)
        self.app.post("/auth/oauth2/v2/token")(self._token)
        self.app.get("/api/2/users")(self._search)
        self.app.get("/api/2/users/<int:number>")(self._show)
        self.app.put("/api/1/users/<int:number>/set_custom_attributes")(self._change)

    def add(self, login, email):
        number = 30_000_000 + len(self.users)
        fields = {"photo_url": None, "shoe_size": "42"}
        self.users[number] = {"id": number, "username": login, "email": email, "custom_attributes": fields}
        return str(number)

    def photo_url(self, user_id):
        fields = self.users[int(user_id)]["custom_attributes"]
        assert fields["shoe_size"] == "42"
        return fields["photo_url"] or None

    def _token(self):
        given = request.authorization
        if not given or (given.username, given.password) != self._client:
            return jsonify(
                {"status": {"error": True, "code": 401, "type": "Unauthorized", "message": "Authentication Failure"}}
            ), 401
        if request.get_json() != {"grant_type": "client_credentials"}:
            return failure(400, "Bad Request", "grant_type is incorrect/absent")
        token = f"token-{len(self.issued)}"
        self.issued.add(token)
        return jsonify({"access_token": token, "token_type": "bearer", "expires_in": 36000, "account_id": 1})

    def _check(self):
        token = request.headers.get("Authorization", "").removeprefix("bearer ").removeprefix("Bearer ")
        if request.path.startswith("/api/") and token not in self.issued:
            return failure(401, "UnauthorizedError", "Unauthorized")
        return None

    def _search(self):
        [(name, value)] = request.args.items()
        assert name in ("username", "email")
        return jsonify([user for user in self.users.values() if user[name] == value])

    def _show(self, number):
        return jsonify(self.users[number]) if number in self.users else failure(404, "NotFoundError", "User not found")

    def _change(self, number):
        if number not in self.users:
            status = {"error": True, "code": 404, "type": "not found", "message": "User not found"}
            return jsonify({"status": status}), 404
        changes = request.get_json()["custom_attributes"]
        fields = self.users[number]["custom_attributes"]
        if not changes.keys() <= fields.keys():
            status = {
                "error": True,
                "code": 400,
                "type": "bad request",
                "message": "input custom_attributes is not valid",
            }
            return jsonify({"status": status}), 400
        fields |= changes
        return jsonify({"status": {"type": "success", "message": "Success", "code": 200, "error": False}})


def failure(status, name, message):
    return jsonify({"statusCode": status, "name": name, "message": message}), status
