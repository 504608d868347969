"""A fake of Atlassian's directory: scim2-server at the path of Atlassian's "User provisioning REST API", limited to the
filters that Atlassian documents.
"""

import json
import re
from urllib.parse import parse_qs

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client
from werkzeug.wrappers import Response

PATH = "/scim/directory/1f4a57e4-8ad3-4ea4-9d38-5b3c4b3ac5a4"


class Atlassian:
    def __init__(self, api_key):
        # Imported here: it takes a second, which each process of the tests would spend to collect them.
        from scim2_server.memory import InMemoryStorage  # noqa: PLC0415  as above
        from scim2_server.testserver.application import BearerTokenApplication  # noqa: PLC0415  as above
        from scim2_server.utils import load_default_provider  # noqa: PLC0415  as above

        server = BearerTokenApplication(InMemoryStorage(), load_default_provider(), bearer_tokens=[api_key])
        self.app = DispatcherMiddleware(Response("{}", 404), {PATH: documented_filters_only(server)})
        self._client = Client(server)
        self._headers = {"Authorization": f"Bearer {api_key}"}

    def add(self, login, email):
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": email, "externalId": login}
        created = self._client.post("/Users", json=user, content_type="application/scim+json", headers=self._headers)
        return json.loads(created.data)["id"]

    def photo_url(self, user_id):
        user = json.loads(self._client.get(f"/Users/{user_id}", headers=self._headers).data)
        photos = user.get("photos", [])
        assert all(photo["type"] == "photo" and photo["primary"] for photo in photos)
        return photos[0]["value"] if photos else None


def documented_filters_only(server):
    """Reject filters that Atlassian does not document."""

    def application(environ, start_response):
        condition = parse_qs(environ["QUERY_STRING"]).get("filter", [""])[0]
        if condition and not re.fullmatch(r'(userName|externalId) eq "[^"]+"', condition):
            return Response('{"detail": "Unsupported filter"}', 400)(environ, start_response)
        return server(environ, start_response)

    return application
