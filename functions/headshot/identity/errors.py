"""What can come of a call to an identity provider, other than success."""

import traceback


class IdentityError(Exception):
    """A call that did not succeed. Its text is for an administrator: what the vendor said, and what to do.

    It never holds a credential: it is written into records, logs and dead letters.
    """


class TransientError(IdentityError):
    """The same call may succeed later. `seconds` is how long the vendor asks to wait, None if it does not say."""

    def __init__(self, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.seconds = seconds


class PermanentError(IdentityError):
    """The same call will fail until somebody changes something about this one user or photo."""


class ConfigurationError(IdentityError):
    """Every call fails until an administrator changes something, such as the secret, a scope or an address.

    It may take minutes, as with a rotated secret, so it is retried, slowly.
    """


class UnknownUserError(IdentityError):
    """The identity provider itself says that it has no such user.

    Accounts often appear after the photo, so it is retried, slowly.
    """


class UnexpectedError(IdentityError):
    """A bug. Its text names the exception's type only: the message of a foreign exception may hold a credential."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"Headshot failed unexpectedly ({type(error).__name__}). The function's log says where.")
        self.error = error

    @property
    def where(self) -> list[str]:
        """The lines of code that led to the exception, without any value."""
        return traceback.format_tb(self.error.__traceback__)
