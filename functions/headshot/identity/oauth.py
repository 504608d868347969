"""Sign-in with OAuth 2.0 client credentials (RFC 6749 §4.4), by secret or by signed assertion (RFC 7523)."""

import math
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from headshot.identity.authorization import Credentials
from headshot.identity.dpop import Prover
from headshot.identity.errors import ConfigurationError, DeniedError, SecretError, TransientError
from headshot.identity.transport import Response, send

# Seconds for which a token counts as valid if the vendor does not say; RFC 6749 §5.1 only recommends that it does.
_DEFAULT_LIFETIME = 300.0

_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def sign_in(
    vendor: str, token_url: str, request: Callable[[], Mapping[str, Any]], prover: Prover | None = None
) -> Credentials:
    """Fetch an access token and return it as credentials.

    `request` returns the options of `urllib3.PoolManager.request` that carry the client's credentials. It is called
    once for each request, since an assertion may be used only once. With a `prover`, the request is repeated with a
    proof of possession if the vendor requires one.

    Raises
    ------
    TransientError
        If the vendor does not respond, limits requests or fails.
    DeniedError
        If it does not grant the scopes.
    ConfigurationError
        If it rejects the credentials.
    """
    response = send(vendor, "POST", token_url, **request())
    if prover and _object(response).get("error") == "invalid_dpop_proof":  # Okta's code for a missing proof
        response = send(vendor, "POST", token_url, **_with_proof(prover, token_url, request()))
        if prover.learn_token_endpoint_nonce(response):
            response = send(vendor, "POST", token_url, **_with_proof(prover, token_url, request()))
    fields = _object(response)
    token = fields.get("access_token")
    if response.ok and isinstance(token, str) and token.isascii() and token.isprintable():
        seconds = _lifetime(fields.get("expires_in"))
        if str(fields.get("token_type")).lower() == "dpop":
            return Credentials("DPoP", token, seconds, prover)
        return Credentials("Bearer", token, seconds)
    if response.transient or response.ok:
        raise TransientError(f"{vendor} returned no token: it answered {response.status}.", response.retry_after)
    if fields.get("error") == "invalid_scope":  # RFC 6749 §5.2: the credentials themselves are right
        raise DeniedError(
            f"{vendor} did not grant the scopes ({response.summary}: {_reason(fields)}). Grant Headshot's app the"
            " scopes that the documentation lists."
        )
    raise ConfigurationError(
        f"{vendor} rejected Headshot's credentials ({response.summary}: {_reason(fields)}). Check the secret and the"
        f" token URL, {token_url}."
    )


def client_assertion(
    token_url: str, client_id: str, private_key: str, algorithm: str, headers: dict[str, str]
) -> dict[str, str]:
    """Return the form fields that authenticate a client by a signature with `private_key`, in PEM (RFC 7523 §2.2).

    Raises
    ------
    SecretError
        If the key is not a private RSA key in PEM.
    """
    # Loaded here, not in every cold start: sign-in with a token or a client secret needs neither.
    import jwt  # noqa: PLC0415  see above
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  see above

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
        raise SecretError(
            "The secret's private_key is not an RSA key in PEM. Store the key exactly as the vendor's console shows it."
        ) from error
    return {"client_assertion_type": _JWT_BEARER, "client_assertion": assertion}


def _with_proof(prover: Prover, token_url: str, request: Mapping[str, Any]) -> dict[str, Any]:
    return {**request, "headers": {**request.get("headers", {}), "DPoP": prover.proof("POST", token_url)}}


def _object(response: Response) -> dict[str, Any]:
    """Return the response's JSON object, empty if its body is anything else."""
    return response.json if isinstance(response.json, dict) else {}


def _reason(fields: Mapping[str, Any]) -> str:
    """Return why a sign-in failed, from where RFC 6749 §5.2 has it or, for OneLogin, from within "status"."""
    reasons = [fields.get("error_description"), fields.get("error"), fields.get("message")]
    status = fields.get("status")
    if isinstance(status, dict):
        reasons.append(status.get("message"))
    for reason in reasons:
        if isinstance(reason, str) and reason:
            return reason
    return "no reason given"


def _lifetime(announced: Any) -> float:
    """Return the seconds for which a token is valid: what the vendor announced, if that is a positive number."""
    with suppress(TypeError, ValueError):
        seconds = float(announced)
        if seconds > 0 and math.isfinite(seconds):
            return seconds
    return _DEFAULT_LIFETIME
