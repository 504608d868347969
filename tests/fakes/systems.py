"""Every identity provider with its fake, and variants with other ways to sign in or other attributes."""

import hashlib
import json
from base64 import urlsafe_b64encode

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import RSAKey

from headshot.identity.atlassian import Atlassian
from headshot.identity.entra import Entra
from headshot.identity.okta import Okta
from headshot.identity.onelogin import OneLogin
from headshot.identity.pingone import PingOne
from headshot.identity.settings import Secret, Settings
from local import fake_okta
from tests.fakes import atlassian, entra, onelogin, pingone
from tests.fakes.dpop import Proofs
from tests.fakes.faults import Faulty
from tests.fakes.oauth import Client, Tokens

_ISSUED = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert("headshot.example.com", key_type=trustme.KeyType.RSA)
PRIVATE_KEY = _ISSUED.private_key_pem.bytes().decode()
CERTIFICATE = _ISSUED.cert_chain_pems[0].bytes().decode()
_PUBLIC_KEY = RSAKey.import_key(PRIVATE_KEY)
_THUMBPRINT = (
    urlsafe_b64encode(
        hashlib.sha256(x509.load_pem_x509_certificate(CERTIFICATE.encode()).public_bytes(Encoding.DER)).digest()
    )
    .rstrip(b"=")
    .decode()
)


class System:
    """A fake, and what connects to it: the class of the provider, its settings and its secret."""

    def __init__(self, provider, fake, secret, *, path="", token_path="", attribute=""):
        self.provider, self.fake, self.secret = provider, fake, secret
        self.app = Faulty(fake.app)
        self._path, self._token_path, self._attribute = path, token_path, attribute

    @property
    def name(self):
        return self.provider.__name__

    def settings(self, url):
        """Return the settings for the fake, which is served at `url`."""
        return Settings(url + self._path, url + self._token_path if self._token_path else "", self._attribute)

    def connect(self, url):
        """Return a new provider for the fake, which is served at `url`."""
        return self.provider(self.settings(url), lambda: Secret.parse(json.dumps(self.secret)))


def _with_tokens(make, path, client, proofs=None):
    """Return a fake that accepts the tokens that it issues."""
    tokens = Tokens(path, client, proofs=proofs)
    fake = make(tokens.valid)
    tokens.serve(fake.app)
    return fake


def _okta_with_token():
    return System(Okta, fake_okta.Okta(lambda header: header == "SSWS known"), {"api_token": "known"})


def okta_with_key(proofs=None):
    client = Client("private_key_jwt", "okta.users.manage okta.users.read", public_key=_PUBLIC_KEY)
    fake = _with_tokens(fake_okta.Okta, "/oauth2/v1/token", client, proofs)
    return System(Okta, fake, {"client_id": "headshot", "private_key": PRIVATE_KEY, "key_id": "k1"})


def _entra(client, secret, attribute=entra.EXTENSION):
    fake = _with_tokens(entra.Entra, "/tenant/oauth2/v2.0/token", client)
    secret = {"client_id": "headshot", **secret}
    return System(Entra, fake, secret, path="/v1.0", token_path="/tenant/oauth2/v2.0/token", attribute=attribute)


_GRAPH = Client("client_secret_post", "*", secret="known")


def _entra_with_secret():
    return _entra(_GRAPH, {"client_secret": "known"})


def _entra_with_certificate():
    client = Client("private_key_jwt", "*", public_key=_PUBLIC_KEY, thumbprint=_THUMBPRINT)
    return _entra(client, {"private_key": PRIVATE_KEY, "certificate": CERTIFICATE})


def _entra_extension_attribute():
    return _entra(_GRAPH, {"client_secret": "known"}, "extensionAttribute7")


def _onelogin():
    return System(OneLogin, onelogin.OneLogin("headshot", "known"), {"client_id": "headshot", "client_secret": "known"})


def _pingone(attribute=""):
    client = Client("client_secret_basic", secret="known")
    token_path = f"/{pingone.ENVIRONMENT}/as/token"
    fake = _with_tokens(pingone.PingOne, token_path, client)
    secret = {"client_id": "headshot", "client_secret": "known"}
    path = f"/v1/environments/{pingone.ENVIRONMENT}"
    return System(PingOne, fake, secret, path=path, token_path=token_path, attribute=attribute)


def _atlassian():
    return System(Atlassian, atlassian.Atlassian("known"), {"api_key": "known"}, path=atlassian.PATH)


PROVIDERS = {
    "okta": okta_with_key,
    "entra": _entra_with_secret,
    "onelogin": _onelogin,
    "pingone": _pingone,
    "atlassian": _atlassian,
}
VARIANTS = PROVIDERS | {
    "okta-dpop": lambda: okta_with_key(Proofs()),
    "okta-api-token": _okta_with_token,
    "entra-certificate": _entra_with_certificate,
    "entra-extension-attribute": _entra_extension_attribute,
    "pingone-custom-attribute": lambda: _pingone("photoUrl"),
}
