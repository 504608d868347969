"""Proof of possession for access tokens ("OAuth 2.0 Demonstrating Proof of Possession", RFC 9449).

A token that somebody has read along is of no use without the key, and the key never leaves this process.
"""

import hashlib
import time
import uuid
from base64 import urlsafe_b64encode
from urllib.parse import urlsplit, urlunsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from headshot.identity.transport import Answer

_NONCE_WANTED = "use_dpop_nonce"


class Prover:
    """Signs a proof for each request, with a key of its own and the nonces that the servers ask for."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._jwk = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self._nonces: dict[bool, str] = {}

    def proof(self, method: str, url: str, token: str | None = None) -> str:
        """Return a proof for one request, to send as the header `DPoP`; without a `token`, for the token endpoint."""
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": urlunsplit(urlsplit(url)._replace(query="", fragment="")),
            "iat": int(time.time()),
        }
        if token is not None:
            digest = hashlib.sha256(token.encode("ascii")).digest()
            claims["ath"] = urlsafe_b64encode(digest).decode().rstrip("=")
        if nonce := self._nonces.get(token is not None):
            claims["nonce"] = nonce
        return jwt.encode(claims, self._key, "ES256", {"typ": "dpop+jwt", "jwk": self._jwk})

    def learn(self, answer: Answer, *, of_token_endpoint: bool) -> bool:
        """Remember the nonce in an answer, and return whether the request is to be sent again with it (§8, §9)."""
        nonce = answer.headers.get("DPoP-Nonce")
        if not nonce:
            return False
        self._nonces[not of_token_endpoint] = nonce
        if of_token_endpoint:
            return isinstance(answer.value, dict) and answer.value.get("error") == _NONCE_WANTED
        return _NONCE_WANTED in answer.headers.get("WWW-Authenticate", "")
