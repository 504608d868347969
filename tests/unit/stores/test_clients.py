"""The clients of AWS, which stores share."""

import threading
from typing import Any

from headshot.stores import aws


def test_threads_that_need_a_client_at_once_share_one(monkeypatch):
    made, second, about_to_call = [], [], threading.Event()

    class Session:
        def create_client(self, service: str, **_options: Any) -> str:
            made.append(service)
            if len(made) == 1:
                second.append(threading.Thread(target=call))
                second[0].start()
                assert about_to_call.wait(10)
            return service

    def call():
        about_to_call.set()
        assert client.upper() == "S3"

    monkeypatch.setattr(aws, "_session", Session)
    client = aws.client.__wrapped__("s3")
    assert client.upper() == "S3"
    second[0].join(10)
    assert made == ["s3"]
