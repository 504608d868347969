"""Signing in by OAuth 2.0 client credentials (RFC 6749 §4.4), by secret or by a signed assertion (RFC 7523)."""

import math
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm

from headshot.identity.authorization import Credentials
from headshot.identity.dpop import Prover
from headshot.identity.errors import ConfigurationError, TransientError
from headshot.identity.transport import Answer, exchange

# Seconds for which a token counts as valid if the vendor does not say (RFC 6749 §5.1 only recommends that it does).
_SHORT_LIFE = 300.0

_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def sign_in(
    vendor: str, token_url: str, request: Callable[[], Mapping[str, Any]], prover: Prover | None = None
) -> Credentials:
    """Fetch an access token.

    `request` returns the options of `urllib3.PoolManager.request` that carry the credentials. It is called for each
    request, since an assertion may be used only once. With a `prover`, a vendor that wants a proof of possession gets
    one; a vendor that gives out bearer tokens is not bothered with it.

    Raises
    ------
    TransientError
        If the vendor does not answer, is limiting requests or fails.
    ConfigurationError
        If it does not take the credentials.
    """
    answer = exchange(vendor, "POST", token_url, **request())
    if prover and _error(answer) == "invalid_dpop_proof":  # Okta's word for a missing one
        answer = exchange(vendor, "POST", token_url, **_proven(prover, token_url, request()))
        if prover.learn(answer, of_token_endpoint=True):
            answer = exchange(vendor, "POST", token_url, **_proven(prover, token_url, request()))
    value = answer.value if isinstance(answer.value, dict) else {}
    token = value.get("access_token")
    good = answer.status in range(200, 300)
    if good and isinstance(token, str) and token.isascii() and token.isprintable():
        seconds = _lifetime(value.get("expires_in"))
        if str(value.get("token_type")).lower() == "dpop":
            return Credentials("DPoP", token, seconds, prover)
        return Credentials("Bearer", token, seconds)
    if answer.transient or good:
        raise TransientError(f"{vendor} gave no token: it answered {answer.status}.", answer.wait())
    raise ConfigurationError(
        f"{vendor} does not take Headshot's credentials ({answer.summary}: {_reason(value)}). Check the secret, and the"
        " URL that tokens are fetched from."
    )


def _proven(prover: Prover, token_url: str, request: Mapping[str, Any]) -> dict[str, Any]:
    return {**request, "headers": {**request.get("headers", {}), "DPoP": prover.proof("POST", token_url)}}


def _error(answer: Answer) -> Any:
    return answer.value.get("error") if isinstance(answer.value, dict) else None


def _reason(value: dict[str, Any]) -> str:
    """Return what a vendor says of a failed sign-in: as RFC 6749 §5.2 has it, or as OneLogin does within "status"."""
    status = value.get("status")
    told = [value.get("error_description"), value.get("error"), value.get("message")]
    if isinstance(status, dict):
        told.append(status.get("message"))
    return next((words for words in told if isinstance(words, str) and words), "no reason given")


def _lifetime(announced: Any) -> float:
    """Return the seconds for which a token holds: what the vendor announced, if that is a positive number."""
    with suppress(TypeError, ValueError):
        seconds = float(announced)
        if seconds > 0 and math.isfinite(seconds):
            return seconds
    return _SHORT_LIFE


def client_assertion(
    token_url: str, client_id: str, private_key: str, algorithm: str, headers: dict[str, str]
) -> dict[str, str]:
    """Give the form fields that prove who asks for a token by a signature with `private_key`, in PEM (RFC 7523 §2.2).

    Raises
    ------
    ConfigurationError
        If the key can't be read.
    """
    now = int(time.time())
    claims = {
        "aud": token_url,
        "iss": client_id,
        "sub": client_id,
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
    }
    try:
        assertion = jwt.encode(claims, private_key, algorithm, headers)
    except (ValueError, TypeError, jwt.InvalidKeyError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(
            "The secret's private_key is not an RSA key in PEM. Store it as the console gave it."
        ) from error
    return {"client_assertion_type": _JWT_BEARER, "client_assertion": assertion}
