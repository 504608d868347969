"""How a call to an identity provider can fail."""

import traceback


class IdentityError(Exception):
    """A failed call. The text is for an administrator: what the vendor said, and what to do.

    The text is written into records, logs and dead letters, so it never contains a credential.
    """


class TransientError(IdentityError):
    """The same call may succeed later. `seconds` is how long the vendor asks to wait, None if it does not say."""

    def __init__(self, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.seconds = seconds


class PermanentError(IdentityError):
    """The same call fails until somebody changes something about this user or this photo."""


class ConfigurationError(IdentityError):
    """Every call fails until an administrator changes something, such as the secret, a scope or an address.

    That may take only minutes, as with a rotated secret, so the call is retried slowly.
    """


class SecretError(ConfigurationError):
    """The secret cannot be read, or does not contain what the identity provider needs."""


class DeniedError(ConfigurationError):
    """The identity provider accepts the credentials, but they lack a scope or a role."""


class UnknownUserError(IdentityError):
    """The identity provider itself says that it has no such user.

    Accounts are often created after the photo, so the call is retried slowly.
    """


class UnexpectedError(IdentityError):
    """A bug. The text names only the exception's type, since the message of a foreign exception may hold a credential.

    `where` lists the lines of code that led to the exception, without any values.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"Headshot failed with an unexpected {type(error).__name__}. See the function's log for the lines of code."
        )
        self.where = traceback.format_tb(error.__traceback__)
