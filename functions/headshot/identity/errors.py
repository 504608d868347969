"""What can come of a call to an identity provider, other than success."""


class IdentityError(Exception):
    """A call that did not succeed. Its text is for an administrator: what the vendor said, and what to do."""


class TransientError(IdentityError):
    """The same call may succeed later. `seconds` is how long the vendor asks to wait, None if it does not say."""

    def __init__(self, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.seconds = seconds


class PermanentError(IdentityError):
    """The same call will fail until somebody changes something."""


class UnknownUserError(PermanentError):
    """The identity provider knows nobody by this user id."""
