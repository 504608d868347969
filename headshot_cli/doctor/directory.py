"""The last link: the photo's URL in Atlassian's own directory, which identity providers write to."""

import json
import os

from headshot.identity import connect
from headshot.identity.errors import IdentityError
from headshot.identity.settings import Secret, Settings
from headshot_cli.doctor.case import Case
from headshot_cli.doctor.link import Broken, NotChecked

_URL, _API_KEY = "HEADSHOT_ATLASSIAN_URL", "HEADSHOT_ATLASSIAN_API_KEY"


def copy(case: Case) -> str:
    """Compare the URL in Atlassian's directory with the photo's."""
    if case.provider_name == "Atlassian":
        if case.has_url:
            return "Atlassian's directory is the identity provider."
        raise NotChecked("Atlassian's directory is the identity provider; see above.")
    address, key = os.environ.get(_URL, ""), os.environ.get(_API_KEY, "")
    if not (address and key):
        raise NotChecked(f"Set {_URL} and {_API_KEY} to the directory's SCIM base URL and API key to compare its copy.")
    secret = Secret.parse(json.dumps({"api_key": key}))
    atlassian = connect("Atlassian", Settings(address.rstrip("/"), "", ""), lambda: secret)
    try:
        url = atlassian.photo_url(atlassian.find(str(case.user_id)))
    except IdentityError as error:
        raise Broken(str(error)) from error
    if url != case.url:
        found = f"another URL, {url!a}" if url else "no photo"
        raise Broken(
            f"Atlassian's directory has {found}. Check that the identity provider maps the attribute to the SCIM"
            " attribute photos, then start its synchronisation."
        )
    return "Atlassian's directory has the photo's URL."
