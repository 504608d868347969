"""Clients of the API under faults, what they were promised, and whether it was kept."""

import time
from collections import Counter
from threading import Lock

import requests
from boto3.dynamodb.types import TypeDeserializer

from headshot import imaging
from local import portrait
from tests.stack.conftest import Caller

SECONDS = 180  # for a request to succeed, be the machine as slow as it may


class Person:
    """A person, and every picture that was sent: `urls` has the accepted ones since the last erasure."""

    def __init__(self, user_id, identity_id):
        self.user_id, self.identity_id = user_id, identity_id
        self.sent: set[str] = set()
        self.urls: dict[str, str] = {}
        self.erased_urls: set[str] = set()
        self.current: str | None = None

    def picture(self):
        """Return a new picture, and the version of the photo that it becomes."""
        picture = portrait.jpeg(f"{self.user_id} {len(self.sent)}", (160, 200))
        version = imaging.normalise(picture).version
        self.sent.add(version)
        return picture, version


class Clients:
    """Sends requests until they are answered, and counts what happens. Many threads may use it at once."""

    def __init__(self, url, auth):
        self._url, self._auth, self._lock = url, auth, Lock()
        self.counts: Counter[str] = Counter()

    def count(self, name):
        with self._lock:
            self.counts[name] += 1

    def send(self, method, path, **options):
        """Send a request, again if need be, and return the first response that is final."""
        deadline, tried, last = time.monotonic() + SECONDS, False, ""
        while time.monotonic() < deadline:
            self.count("requests")
            if tried:
                self.count("retries")
            tried = True
            with Caller(self._url, self._auth() if path.startswith("/users/") else None) as caller:
                try:
                    answer = caller.request(method, path, **options)
                except requests.RequestException:
                    self.count("no answer")
                else:
                    if answer.status_code < 500 and answer.status_code not in (403, 409, 429):
                        return answer
                    self._failed(answer)
                    last = f"{answer.status_code} {answer.text}"
            time.sleep(0.2)  # polls; a client would wait as long as `Retry-After` says
        raise AssertionError(f"{method} {path} did not succeed within {SECONDS} seconds: {last}")

    def _failed(self, answer):
        if answer.status_code < 500:
            self.count("conflicts")
        elif answer.headers["Content-Type"] != "application/problem+json":
            self.count("killed")  # API Gateway has answered, since the function could not
        else:
            self.count("5xx")
            if "Retry-After" not in answer.headers:
                self.count("5xx without Retry-After")

    def upload(self, person):
        """Set a new photo, and fetch it by both of its URLs."""
        picture, version = person.picture()
        answer = self.send(
            "PUT", f"/users/{person.user_id}/photo", data=picture, headers={"Content-Type": "image/jpeg"}
        )
        assert answer.status_code in (200, 201), answer.text
        record = answer.json()
        assert record["version"] == version
        self.count("accepted")
        person.current = record["url"]
        person.urls[record["url"]] = version
        assert self.version_at(f"/photos/{person.user_id}.jpg") == version
        assert self.version_at(record["url"]) == version
        assert self.send("HEAD", record["url"]).headers["ETag"] == f'"{version}"'

    def erase(self, person):
        """Erase a person, and see that the photo is gone."""
        assert self.send("DELETE", f"/users/{person.user_id}/photo").status_code == 200
        person.erased_urls |= person.urls.keys()
        person.urls, person.current = {}, None
        self.count("erased")
        assert self.version_at(f"/photos/{person.user_id}.jpg") is None

    def read(self, person):
        """Fetch a photo that may change at this moment, and see that it is this person's."""
        found = self.version_at(f"/photos/{person.user_id}.jpg")
        assert found is None or found in person.sent, f"{person.user_id} has somebody else's photo"

    def version_at(self, path):
        """Return the version of the photo at an address, computed from its bytes, or None."""
        answer = self.send("GET", path)
        if answer.status_code == 404:
            return None
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        return imaging.version_of(answer.content)

    def lost(self, people):
        """Return the URLs that do not serve the photo that was accepted, or still serve an erased person's."""
        due = [(url, version) for person in people for url, version in person.urls.items()]
        due += [(url, None) for person in people for url in person.erased_urls]
        return [url for url, version in due if self.version_at(url) != version]


def orphans(rig, people):
    """Return the objects to which no record points: under photos/ another S3 version, elsewhere an erased person's."""
    table = rig.client("dynamodb").get_paginator("scan").paginate(TableName=rig.outputs["RecordsTable"])
    items = [TypeDeserializer().deserialize({"M": item}) for page in table for item in page["Items"]]
    current = {item["user_id"]: item["s3_version_id"] for item in items if "s3_version_id" in item}
    names, found = {person.user_id for person in people}, []
    pages = rig.client("s3").get_paginator("list_object_versions").paginate(Bucket=rig.outputs["PhotosBucket"])
    for page in pages:
        for item in page.get("Versions", []):
            prefix, user_id, *_ = item["Key"].split("/")
            if user_id in names and (
                user_id not in current or (prefix == "photos" and item["VersionId"] != current[user_id])
            ):
                found.append(item["Key"])
    return found
