"""Token endpoints on Authlib's authorization server: sign-in by secret (RFC 6749 §4.4) or by assertion (RFC 7523)."""

import os
import time

import joserfc.jwt
import jwt
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from flask import request

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # on loopback


class Client(ClientMixin):
    """The only client. `method` is how it must authenticate itself (RFC 7591 §2)."""

    def __init__(self, method, scope="", secret="", public_key=None, thumbprint=None):
        self.method, self.scope, self.secret = method, scope, secret
        self.public_key, self.thumbprint = public_key, thumbprint

    def get_client_id(self):
        return "headshot"

    def check_client_secret(self, client_secret):
        return self.secret and client_secret == self.secret

    def check_endpoint_auth_method(self, method, endpoint):
        return endpoint == "token" and method == self.method

    def check_grant_type(self, grant_type):
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope):
        """Return the allowed part of `scope`. Graph's contains its own URL ("The .default scope", Microsoft)."""
        if self.scope == "*":
            return scope if scope == f"{request.host_url}.default" else ""
        return scope if set(scope.split()) <= set(self.scope.split()) else ""


class ClientCredentials(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")


class Assertion(JWTBearerClientAssertion):
    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self):
        super().__init__()
        self._seen = set()

    def process_assertion_claims(self, assertion, key):
        """Verify an assertion. Entra accepts PS256, which Authlib does not by default."""
        self.verify_claims(joserfc.jwt.decode(assertion, key, ["PS256", "RS256"]).claims)

    def get_audiences(self):
        return [request.base_url]

    def validate_jti(self, _claims, jti):
        fresh = jti not in self._seen
        self._seen.add(jti)
        return fresh

    def resolve_client_public_key(self, client):
        header = jwt.get_unverified_header(request.form["client_assertion"])
        assert header.get("x5t#S256") == client.thumbprint
        assert header["alg"] == ("PS256" if client.thumbprint else "RS256")
        return client.public_key


class Tokens:
    """Issues tokens at a path of a Flask application and checks whether they are valid."""

    def __init__(self, path, client, proofs=None):
        self.issued = {}
        self._path, self._client, self._proofs = path, client, proofs

    def serve(self, app):
        server = AuthorizationServer(app, query_client=self._query, save_token=self._save)
        server.register_client_auth_method(Assertion.CLIENT_AUTH_METHOD, Assertion())
        server.register_grant(ClientCredentials)
        server.register_token_generator("default", self._generate)
        if self._proofs:
            app.after_request(self._proofs.challenge)
        rejected = self._proofs.check_token_request if self._proofs else lambda: None
        app.post(self._path)(lambda: rejected() or server.create_token_response())

    def valid(self, header):
        kind, _, token = header.partition(" ")
        if self.issued.get(token, 0) <= time.monotonic():
            return False
        if self._proofs:
            return kind == "DPoP" and self._proofs.proves(token)
        return kind == "Bearer" and "DPoP" not in request.headers

    def _query(self, client_id):
        return self._client if client_id == "headshot" else None

    def _generate(self, **_grant):
        token = f"token-{len(self.issued)}-{time.monotonic_ns()}"
        if self._proofs:
            self._proofs.bind(token)
        kind = "DPoP" if self._proofs else "Bearer"
        return {"token_type": kind, "access_token": token, "expires_in": 3600}

    def _save(self, token, _request):
        self.issued[token["access_token"]] = time.monotonic() + token["expires_in"]
