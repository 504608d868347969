"""What lets requests to an identity provider in: made from the secret, and kept for as long as it holds."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from headshot.identity.settings import Secret, Secrets

if TYPE_CHECKING:
    from headshot.identity.dpop import Prover

# A token is renewed this many seconds before it ends, so that it does not end on its way.
_MARGIN = 60


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token with its `scheme`, such as Bearer, and the `seconds` for which it holds.

    With a `prover`, each request carries a proof besides. The representation shows no token.
    """

    scheme: str
    token: str
    seconds: float
    prover: "Prover | None" = None

    def __repr__(self) -> str:
        """Return a representation without the secret."""
        return f"Credentials({self.scheme!r}, …, {self.seconds!r})"

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Return the headers that let one request in."""
        proof = {"DPoP": self.prover.proof(method, url, self.token)} if self.prover else {}
        return {"Authorization": f"{self.scheme} {self.token}", **proof}


SignIn = Callable[[Secret], Credentials]


class Authorization:
    """The credentials, made by `sign_in` from the secret and kept for as long as they hold.

    The secret is read each time, so that a rotated one is taken up without a new deployment.
    """

    def __init__(self, secrets: Secrets, sign_in: SignIn) -> None:
        self._secrets, self._sign_in = secrets, sign_in
        self._lock = Lock()
        self._credentials: Credentials | None = None
        self._ends = 0.0

    def credentials(self) -> Credentials:
        """Return the credentials, signing in if need be."""
        with self._lock:
            if self._credentials is None or time.monotonic() >= self._ends:
                self._credentials = self._sign_in(self._secrets())
                self._ends = time.monotonic() + self._credentials.seconds - _MARGIN
            return self._credentials

    def renew(self, rejected: Credentials) -> None:
        """Sign in again before the next request, unless that has happened since `rejected` was given."""
        with self._lock:
            if self._credentials is rejected:
                self._credentials = None
