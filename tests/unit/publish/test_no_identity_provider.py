"""The functions for publishing, started by `sam local` for a stack without an identity provider."""

import importlib
import sys

import pytest

from headshot.identity.required import NoIdentityProviderError


@pytest.mark.parametrize("function", ["relay", "publish", "reconcile"])
def test_the_missing_parameter_is_named(monkeypatch, function):
    for name in ("PUBLISH_QUEUE", "PUBLISH_DEAD_LETTER_QUEUE", "IDENTITY_PROVIDER_SECRET"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("IDENTITY_PROVIDER", "None")
    monkeypatch.setenv("RECORDS_TABLE", "records")
    monkeypatch.delitem(sys.modules, f"{function}.handler", raising=False)
    with pytest.raises(NoIdentityProviderError, match="parameter IdentityProvider; on this machine: make run"):
        importlib.import_module(f"{function}.handler")
