"""Verifies proofs of possession with joserfc, by RFC 9449 §4.3 and Okta's page "Configure OAuth 2.0 DPoP"."""

import hashlib
import time
from base64 import urlsafe_b64encode

import joserfc.jwt
import jwt
from flask import jsonify, request
from joserfc.jwk import ECKey


class Proofs:
    """The proofs that a server has seen. It requires a nonce at the token endpoint, and with `api_nonce` at the API."""

    def __init__(self, *, api_nonce=False):
        self.nonce, self.api_nonce = "nonce-1", api_nonce
        self._seen = set()
        self._keys = {}

    def check_token_request(self):
        """Return Okta's error response to a token request with a wrong proof, or None."""
        if "DPoP" not in request.headers:
            return oauth_error("invalid_dpop_proof", "The DPoP proof JWT header is missing.")
        claims = self._verified_claims()
        assert "ath" not in claims
        if claims.get("nonce") != self.nonce:
            response = oauth_error("use_dpop_nonce", "Authorization server requires nonce in DPoP proof.")
            response.headers["DPoP-Nonce"] = self.nonce
            return response
        return None

    def bind(self, token):
        """Bind a token to the key of the proof in the token request."""
        self._keys[token] = self._jwk()

    def proves(self, token):
        """Return whether the request proves possession of the key that the token is bound to."""
        if self._keys.get(token) != self._jwk():
            return False
        claims = self._verified_claims()
        digest = hashlib.sha256(token.encode()).digest()
        assert claims["ath"] == urlsafe_b64encode(digest).decode().rstrip("=")
        return not self.api_nonce or claims.get("nonce") == "api-nonce"

    def challenge(self, response):
        """Require a nonce in a 401 response of the API (RFC 9449 §9)."""
        if self.api_nonce and response.status_code == 401:
            response.headers["WWW-Authenticate"] = (
                'DPoP error="use_dpop_nonce", error_description="Resource needs nonce"'
            )
            response.headers["DPoP-Nonce"] = "api-nonce"
        return response

    def _jwk(self):
        return jwt.get_unverified_header(request.headers["DPoP"])["jwk"]

    def _verified_claims(self):
        [proof] = request.headers.getlist("DPoP")
        header = jwt.get_unverified_header(proof)
        assert header["typ"] == "dpop+jwt"
        assert header["jwk"].keys() == {"kty", "crv", "x", "y"}, "no part of the private key"
        claims = joserfc.jwt.decode(proof, ECKey.import_key(header["jwk"]), ["ES256"]).claims
        address = request.host_url.rstrip("/") + request.environ["REQUEST_URI"].partition("?")[0]
        assert (claims["htm"], claims["htu"]) == (request.method, address)
        assert abs(claims["iat"] - time.time()) < 300
        assert claims["jti"] not in self._seen, "a proof may be used only once"
        self._seen.add(claims["jti"])
        return claims


def oauth_error(error, description):
    response = jsonify({"error": error, "error_description": description})
    response.status_code = 400
    return response
