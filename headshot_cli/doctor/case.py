"""What several links look at, read once: the person's record, the served picture, and the identity provider."""

from functools import cached_property
from typing import Any

from headshot.identity import IdentityProvider, connect
from headshot.identity.errors import IdentityError
from headshot.identity.settings import Secret, Settings
from headshot.urls import DEFAULT_USER
from headshot_cli.api import Api
from headshot_cli.check import Step, check
from headshot_cli.http import Response
from headshot_cli.stack import Stack

# A user that no identity provider has: looking it up tries the sign-in and the permissions.
_NOBODY = "headshot-doctor"

# A failing API is to be reported, not waited for.
_RETRIES = 2


class Case:
    """A stack and, unless `user_id` is None, a person whose photo does not appear.

    `has_url` says whether the identity provider has the photo's URL; None if that is not known.
    """

    def __init__(self, stack: Stack, user_id: str | None) -> None:
        self.stack, self.user_id = stack, user_id
        self.response: Response | None = None  # the record as the API returned it, None if there is no record
        self.has_url: bool | None = None
        self.published_url: str | None = None  # what the identity provider has

    @cached_property
    def api(self) -> Api:
        """The stack's API."""
        return Api(self.stack, retries=_RETRIES)

    @property
    def record(self) -> dict[str, Any]:
        """The person's record. Links that use it come after the link that reads it."""
        record: dict[str, Any] = self.response.value if self.response else {}
        return record

    @property
    def url(self) -> str:
        """The URL of the person's photo or, without a person, of the neutral picture."""
        base = self.stack.output("BaseUrl")
        return str(self.record["url"]) if self.record else f"{base}/photos/{DEFAULT_USER}.jpg"

    @cached_property
    def steps(self) -> dict[str, Step]:
        """The steps of fetching the photo as Atlassian does, by their names."""
        return {step.name: step for step in check(self.url)}

    @property
    def provider_name(self) -> str:
        """The name of the identity provider, such as "Okta", or "None"."""
        return self.stack.parameter("IdentityProvider") or "None"

    @cached_property
    def secret(self) -> Secret:
        """The credentials for the identity provider, read with the caller's own permissions.

        Raises
        ------
        ClientError
            If the secret cannot be read.
        SecretError
            If it is not a JSON object.
        """
        client = self.stack.client("secretsmanager")
        found = client.get_secret_value(SecretId=self.stack.parameter("IdentityProviderSecret"))
        return Secret.parse(found.get("SecretString") or found.get("SecretBinary") or "")

    @cached_property
    def provider(self) -> IdentityProvider:
        """The identity provider, connected by the code that publishes to it."""
        settings = Settings(
            url=self.stack.parameter("IdentityProviderUrl"),
            token_url=self.stack.parameter("IdentityProviderTokenUrl"),
            attribute=self.stack.parameter("IdentityProviderAttribute"),
        )
        return connect(self.provider_name, settings, lambda: self.secret)

    @cached_property
    def found(self) -> str | IdentityError:
        """The identity id of the person, or why looking it up failed."""
        try:
            return self.provider.find(self.user_id or _NOBODY)
        except IdentityError as error:
            return error
