"""Signing in by OAuth 2.0 client credentials (RFC 6749 §4.4), by secret or by a signed assertion (RFC 7523)."""

import time
import uuid
from http import HTTPStatus
from typing import Any

import jwt

from headshot.identity.errors import PermanentError, TransientError
from headshot.identity.transport import exchange

_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def sign_in(vendor: str, token_url: str, **options: Any) -> tuple[str, float]:
    """Fetch an access token; `options` are those of `urllib3.PoolManager.request` and carry the credentials.

    Gives the `Authorization` header and the seconds for which it holds.

    Raises
    ------
    TransientError
        If the vendor does not answer, is limiting requests or fails.
    PermanentError
        If it does not take the credentials.
    """
    answer = exchange(vendor, "POST", token_url, **options)
    value = answer.value if isinstance(answer.value, dict) else {}
    if answer.status == HTTPStatus.OK and isinstance(value.get("access_token"), str):
        return f"Bearer {value['access_token']}", float(value.get("expires_in", 300))
    if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
        words = value.get("error_description") or value.get("error") or value.get("message") or "no reason given"
        raise PermanentError(
            f"{vendor} does not take Headshot's credentials ({answer.status}: {words}). Check the secret, and the URL"
            " that tokens are fetched from."
        )
    raise TransientError(f"{vendor} gave no token: it answered {answer.status}.", answer.wait())


def client_assertion(
    token_url: str, client_id: str, private_key: str, algorithm: str, headers: dict[str, str]
) -> dict[str, str]:
    """Give the form fields that prove who asks for a token by a signature with `private_key`, in PEM (RFC 7523 §2.2).

    Raises
    ------
    PermanentError
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
    except (ValueError, TypeError, jwt.InvalidKeyError) as error:
        raise PermanentError(
            "The secret's private_key is not an RSA key in PEM. Store it as the console gave it."
        ) from error
    return {"client_assertion_type": _JWT_BEARER, "client_assertion": assertion}
