"""Judges proofs of possession: joserfc, RFC 9449 §4.3, and what Okta's page "Configure OAuth 2.0 DPoP" says."""

import hashlib
import time
from base64 import urlsafe_b64encode

import joserfc.jwt
import jwt
from flask import jsonify, request
from joserfc.jwk import ECKey


class Proofs:
    """Proofs that this server has seen. It asks for a nonce at the token endpoint, and, if told so, at the API."""

    def __init__(self, *, api_nonce=False):
        self.nonce, self.api_nonce = "nonce-1", api_nonce
        self._seen = set()
        self._keys = {}

    def check_token_request(self):
        """Give what is wrong with a request for a token, as Okta answers it, or None."""
        if "DPoP" not in request.headers:
            return refusal("invalid_dpop_proof", "The DPoP proof JWT header is missing.")
        claims = self._judged()
        assert "ath" not in claims
        if claims.get("nonce") != self.nonce:
            answer = refusal("use_dpop_nonce", "Authorization server requires nonce in DPoP proof.")
            answer.headers["DPoP-Nonce"] = self.nonce
            return answer
        return None

    def bind(self, token):
        """Bind a token to the key of the proof with which it is fetched."""
        self._keys[token] = self._jwk()

    def proves(self, token):
        """Whether the request comes from whom the token was given to."""
        if self._keys.get(token) != self._jwk():
            return False
        claims = self._judged()
        digest = hashlib.sha256(token.encode()).digest()
        assert claims["ath"] == urlsafe_b64encode(digest).decode().rstrip("=")
        return not self.api_nonce or claims.get("nonce") == "api-nonce"

    def challenge(self, answer):
        """Ask for a nonce with a 401 of the API (RFC 9449 §9)."""
        if self.api_nonce and answer.status_code == 401:
            answer.headers["WWW-Authenticate"] = 'DPoP error="use_dpop_nonce", error_description="Resource needs nonce"'
            answer.headers["DPoP-Nonce"] = "api-nonce"
        return answer

    def _jwk(self):
        return jwt.get_unverified_header(request.headers["DPoP"])["jwk"]

    def _judged(self):
        [proof] = request.headers.getlist("DPoP")
        header = jwt.get_unverified_header(proof)
        assert header["typ"] == "dpop+jwt"
        assert header["jwk"].keys() == {"kty", "crv", "x", "y"}, "nothing of the private key"
        claims = joserfc.jwt.decode(proof, ECKey.import_key(header["jwk"]), ["ES256"]).claims
        address = request.host_url.rstrip("/") + request.environ["REQUEST_URI"].partition("?")[0]
        assert (claims["htm"], claims["htu"]) == (request.method, address)
        assert abs(claims["iat"] - time.time()) < 300
        assert claims["jti"] not in self._seen, "a proof is used once"
        self._seen.add(claims["jti"])
        return claims


def refusal(error, description):
    answer = jsonify({"error": error, "error_description": description})
    answer.status_code = 400
    return answer
