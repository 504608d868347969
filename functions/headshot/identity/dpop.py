"""Proof of possession for access tokens ("OAuth 2.0 Demonstrating Proof of Possession", RFC 9449).

A stolen token is useless without the key, and the key never leaves this process.
"""

import hashlib
import time
import uuid
from base64 import urlsafe_b64encode
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from headshot.identity.transport import Response

_NONCE_REQUIRED = "use_dpop_nonce"


class Prover:
    """Signs a proof for each request, with its own key and the nonces that the servers require.

    PyJWT and cryptography are loaded for the first proof: few apps require one, and every cold start would wait.
    """

    def __init__(self) -> None:
        self._token_endpoint_nonce: str | None = None
        self._api_nonce: str | None = None

    @cached_property
    def _key(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  see the class

        return ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def _jwk(self) -> Any:
        from jwt.algorithms import ECAlgorithm  # noqa: PLC0415  see the class

        return ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)

    def proof(self, method: str, url: str, token: str | None = None) -> str:
        """Return the value of the header `DPoP` for one request. Requests to the token endpoint have no `token`."""
        import jwt  # noqa: PLC0415  see the class

        claims = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": urlunsplit(urlsplit(url)._replace(query="", fragment="")),
            "iat": int(time.time()),
        }
        if token is not None:
            digest = hashlib.sha256(token.encode("ascii")).digest()
            claims["ath"] = urlsafe_b64encode(digest).decode().rstrip("=")
        nonce = self._token_endpoint_nonce if token is None else self._api_nonce
        if nonce is not None:
            claims["nonce"] = nonce
        return jwt.encode(claims, self._key, "ES256", {"typ": "dpop+jwt", "jwk": self._jwk})

    def learn_token_endpoint_nonce(self, response: Response) -> bool:
        """Remember the nonce of the token endpoint; return whether to repeat the request with it (RFC 9449 §8)."""
        nonce = response.headers.get("DPoP-Nonce")
        if nonce is None:
            return False
        self._token_endpoint_nonce = nonce
        return isinstance(response.json, dict) and response.json.get("error") == _NONCE_REQUIRED

    def learn_api_nonce(self, response: Response) -> bool:
        """Remember the nonce of the API; return whether to repeat the request with it (RFC 9449 §9)."""
        nonce = response.headers.get("DPoP-Nonce")
        if nonce is None:
            return False
        self._api_nonce = nonce
        return _NONCE_REQUIRED in response.headers.get("WWW-Authenticate", "")
