"""What serve reads: photos from S3, and which one is current from DynamoDB. Other modules write both."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import quote

import urllib3

from headshot.problems import RecordTooNew, StoreMissing, StoreUnavailable
from headshot.record import SCHEMA
from headshot.stores.signed import CallError, Endpoint
from headshot.stores.stored import GONE, PREFIXES, StoredPhoto, photo_key

# The error code for a key that does not exist, if the role may list the bucket ("GetObject", S3 API Reference). A HEAD
# has only the status. A denied request says nothing about what exists.
_MISSING = {"GET": "NoSuchKey", "HEAD": "404"}

_GET_ITEM = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.GetItem"}


class Reader:
    """Reads. Every method raises StoreUnavailable if S3 or DynamoDB fails."""

    def __init__(self, bucket: Endpoint, dynamodb: Endpoint, records_table: str) -> None:
        self._bucket = bucket
        self._dynamodb = dynamodb
        self._table = records_table

    @classmethod
    def from_environment(cls) -> Self:
        """Read from the bucket and the table that the template names."""
        return cls(Endpoint.of_bucket(os.environ["PHOTOS_BUCKET"]), Endpoint.of_dynamodb(), os.environ["RECORDS_TABLE"])

    def current(self, user_id: str) -> str | None:
        """Return the version of a user's current photo, or None. The read is strongly consistent.

        Raise RecordTooNew, which is a StoreUnavailable, if a later version of Headshot has written the record.
        """
        query = {"TableName": self._table, "Key": {"user_id": {"S": user_id}}, "ConsistentRead": True}
        with _failures():
            found = json.loads(self._dynamodb.send("POST", headers=_GET_ITEM, body=json.dumps(query).encode()).data)
            item = found.get("Item")
            if item and int(item.get("schema", {"N": 1})["N"]) > SCHEMA:
                raise RecordTooNew
            return item["version"]["S"] if item and "erased" not in item else None

    def head(self, user_id: str, version: str) -> StoredPhoto | None:
        """Return a picture, current or superseded, without its JPEG, or None."""
        found = self._photo("HEAD", user_id, version)
        if found is None:
            with _failures():
                self._bucket.send("GET", "/?max-keys=0")  # HEAD does not tell a missing bucket from a missing key
        return found

    def get(self, user_id: str, version: str) -> StoredPhoto | None:
        """Return a picture, current or superseded, or None."""
        return self._photo("GET", user_id, version)

    def _photo(self, method: str, user_id: str, version: str) -> StoredPhoto | None:
        for prefix in PREFIXES:
            found = self._object(method, photo_key(prefix, user_id, version))
            if found is not None:
                with _failures():
                    stored = parsedate_to_datetime(found.headers["Last-Modified"])
                    return StoredPhoto(int(found.headers["Content-Length"]), stored, found.data or None)
        return None

    def _object(self, method: str, key: str) -> urllib3.BaseHTTPResponse | None:
        with _failures():
            try:
                return self._bucket.send(method, f"/{quote(key)}")
            except CallError as error:
                if str(error) == _MISSING[method]:
                    return None
                raise


@contextmanager
def _failures() -> Iterator[None]:
    """Raise StoreUnavailable in place of AWS's errors, and for an answer that is none of AWS's, as a proxy's page.

    It is StoreMissing if the bucket or the table does not exist.
    """
    try:
        yield
    except CallError as error:
        if str(error) in GONE:
            raise StoreMissing(GONE[str(error)]) from error
        raise StoreUnavailable from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise StoreUnavailable from error
