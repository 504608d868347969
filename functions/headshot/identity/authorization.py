"""Credentials for requests to an identity provider: made from the secret, and kept until they expire."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from headshot.identity.settings import Secret, Secrets

if TYPE_CHECKING:
    from headshot.identity.dpop import Prover

# A token is renewed this many seconds before it expires, so that it does not expire in transit.
_MARGIN = 60


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token, its `scheme`, such as Bearer, and the `seconds` for which it is valid.

    With a `prover`, each request carries a proof of possession, too. The representation does not show the token.
    """

    scheme: str
    token: str
    seconds: float
    prover: "Prover | None" = None

    def __repr__(self) -> str:
        """Return a representation without the token."""
        return f"Credentials({self.scheme!r}, …, {self.seconds!r})"

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Return the headers that authorize one request."""
        proof = {"DPoP": self.prover.proof(method, url, self.token)} if self.prover else {}
        return {"Authorization": f"{self.scheme} {self.token}", **proof}


SignIn = Callable[[Secret], Credentials]


class Authorization:
    """The credentials that `sign_in` makes from the secret, kept until they expire.

    The secret is read at every sign-in, so a rotated secret takes effect without a deployment.
    """

    def __init__(self, secrets: Secrets, sign_in: SignIn) -> None:
        self._secrets, self._sign_in = secrets, sign_in
        self._lock = Lock()
        self._credentials: Credentials | None = None
        self._expires = 0.0

    def credentials(self) -> Credentials:
        """Return valid credentials. Sign in first if necessary."""
        with self._lock:
            if self._credentials is None or time.monotonic() >= self._expires:
                self._credentials = self._sign_in(self._secrets())
                self._expires = time.monotonic() + self._credentials.seconds - _MARGIN
            return self._credentials

    def discard(self, rejected: Credentials) -> None:
        """Sign in again before the next request, unless another thread has already replaced `rejected`."""
        with self._lock:
            if self._credentials is rejected:
                self._credentials = None
