"""Microsoft Entra ID, through Microsoft Graph ("List users", "Get profilePhoto", Microsoft Graph v1.0 reference)."""

import logging
from dataclasses import dataclass
from functools import cached_property, partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from azure.core.exceptions import AzureError
from azure.identity import DefaultAzureCredential
from urllib3.exceptions import HTTPError

from headshot_cli.sources import Candidate, NoPicture
from headshot_cli.stack import NoAnswerError, StackError
from headshot_cli.waiting import Retry, cause_of

GRAPH = "https://graph.microsoft.com"

# Graph sets Retry-After when it throttles ("Microsoft Graph throttling guidance").
_RETRIES = Retry(
    total=8, redirect=False, backoff_factor=0.5, status_forcelist=[429, 502, 503, 504], raise_on_status=False
)
_POOL = urllib3.PoolManager(maxsize=16, timeout=urllib3.Timeout(connect=5, read=60), retries=_RETRIES)

logging.getLogger("azure.identity").setLevel(logging.ERROR)  # it logs at length what is reported here in a line

_PAGE = 999  # people, the most that Graph returns at once


@dataclass(frozen=True)
class Entra:
    """The members of a directory with enabled accounts, identified by the attribute `user_id`; guests are left out.

    `graph` is Graph's address, which differs in national clouds. azure-identity signs in with AZURE_… variables, a
    managed identity or `az login` ("DefaultAzureCredential").
    """

    user_id: str
    graph: str = GRAPH

    def candidates(self) -> list[Candidate]:
        """Return everyone. Whether Entra has a photo is known only when it is read."""
        return [
            Candidate(str(person[self.user_id]), str(person[self.user_id]), partial(self._photo, person["id"]))
            for person in self._people()
            if person.get(self.user_id) and person.get("userType") != "Guest"
        ]

    def _people(self) -> list[dict[str, Any]]:
        query = {
            "$select": ",".join(dict.fromkeys(["id", "userType", self.user_id])),
            "$filter": "accountEnabled eq true",
            "$top": _PAGE,
        }
        people: list[dict[str, Any]] = []
        url: str | None = f"{self.graph}/v1.0/users?{urlencode(query)}"
        while url:
            response = self._get(url)
            try:
                page = response.json() if response.status == HTTPStatus.OK else {}
                people += page["value"]
            except (ValueError, KeyError, TypeError) as error:
                raise StackError(_reason(response)) from error
            url = page.get("@odata.nextLink")
        return people

    def _photo(self, object_id: str) -> bytes:
        """Return the largest photo. Raise OSError if Graph rejects the request for this person."""
        response = self._get(f"{self.graph}/v1.0/users/{quote(object_id, safe='')}/photo/$value")
        if response.status == HTTPStatus.NOT_FOUND:
            raise NoPicture("Entra has no photo")
        if response.status != HTTPStatus.OK:
            raise OSError(_reason(response).rstrip("."))
        return response.data

    @cached_property
    def _credential(self) -> DefaultAzureCredential:
        return DefaultAzureCredential()

    def _get(self, url: str) -> urllib3.BaseHTTPResponse:
        if not url.startswith(f"{self.graph}/"):
            raise StackError(f"Graph refers to another server, which must not receive the token: {url}")
        try:
            token = self._credential.get_token(f"{self.graph}/.default").token
            response = _POOL.request("GET", url, headers={"Authorization": f"Bearer {token}"})
        except AzureError as error:
            raise StackError(f"Signing in to Entra failed: {_attempt(str(error))}") from error
        except HTTPError as error:
            raise NoAnswerError(f"Graph does not answer at {self.graph}: {cause_of(error)}.") from error
        if response.status in _RETRIES.status_forcelist:
            raise NoAnswerError(_reason(response))
        if response.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise StackError(_reason(response))
        return response


def _attempt(text: str) -> str:
    """Return azure-identity's error for the AZURE_… variables, or how to sign in if they are not set."""
    attempts = [line.strip() for line in text.splitlines() if line.strip().startswith("EnvironmentCredential: ")]
    if attempts and "unavailable" not in attempts[0]:
        return attempts[0]
    return "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run az login."


def _reason(response: urllib3.BaseHTTPResponse) -> str:
    """Return Graph's error as one line ("Microsoft Graph error responses and resource types")."""
    try:
        error = response.json()["error"]
        text = f"{error['code']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        text = f"status {response.status}"
    if response.status == HTTPStatus.FORBIDDEN:
        text += " Grant the permission User.Read.All, with admin consent."
    return f"Graph rejects: {text}"
