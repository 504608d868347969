"""What relay, publish and reconcile require of the stack.

They are deployed only with an identity provider, but `sam local` starts any function of the template.
"""

import os


class NoIdentityProviderError(Exception):
    """The stack has no identity provider, so there is nothing to publish to."""

    def __init__(self) -> None:
        super().__init__(
            "This stack has no identity provider. Deploy it with the parameter IdentityProvider; on this machine:"
            " make run IDENTITY_PROVIDER=Okta"
        )


def required(variable: str) -> str:
    """Return an environment variable that the template sets in stacks with an identity provider.

    Raises
    ------
    NoIdentityProviderError
        If it is empty, or "None", which is the parameter's default.
    """
    value = os.environ.get(variable, "")
    if value in ("", "None"):
        raise NoIdentityProviderError
    return value
