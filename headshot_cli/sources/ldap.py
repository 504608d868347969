"""An LDAP directory, such as Active Directory or OpenLDAP (RFC 4511; `jpegPhoto` is RFC 2798's)."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import product
from typing import Any

from ldap3 import AUTO_BIND_NO_TLS, BASE, NONE, SAFE_SYNC, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException, LDAPInvalidCredentialsResult, LDAPNoSuchObjectResult
from ldap3.utils.uri import parse_uri

from headshot_cli.sources import Candidate, NoPicture
from headshot_cli.stack import StackError

_PHOTOS = ["jpegPhoto", "thumbnailPhoto"]  # the better one first: Active Directory's thumbnails have 96 pixels

_PAGE = 500  # people; Active Directory returns 1,000 at most ("LDAP policies", MaxPageSize)

_SECONDS = 30  # to wait for a connection or a response


@dataclass(frozen=True)
class Ldap:
    """The people below the DN of an LDAP URL (RFC 4516) who have the attribute `user_id`.

    In `ldaps://ldap.example.com/ou=people,dc=example,dc=com?jpegPhoto?sub?(objectClass=person)`, the attributes are
    those that may hold the picture, the best first. Without attributes, scope and filter, these are the defaults, with
    `thumbnailPhoto` as second attribute. Without `bind_dn` the bind is anonymous. A password is sent over TLS only.
    """

    url: str
    user_id: str
    bind_dn: str | None = None
    password: str | None = field(default=None, repr=False)

    def candidates(self) -> list[Candidate]:
        """Return everyone, searched page by page (RFC 2696)."""
        with self._connection() as connection:
            people = connection.extend.standard.paged_search(
                self._parts["base"],
                f"(&{self._parts['filter'] or '(objectClass=person)'}({self.user_id}=*))",
                self._parts["scope"] or SUBTREE,
                attributes=[self.user_id],
                paged_size=_PAGE,
            )
            # Active Directory mixes references to other servers into the results.
            found = [person for person in people if person["type"] == "searchResEntry"]
        candidates = [self._candidate(person["dn"], values[0]) for person in found if (values := self._ids(person))]
        if candidates and all(candidate.flaw for candidate in candidates):
            raise StackError(candidates[0].flaw)
        return candidates

    def _ids(self, person: dict[str, Any]) -> list[bytes]:
        return _values(person, self.user_id)

    def _candidate(self, dn: str, user_id: bytes) -> Candidate:
        read = partial(self._photo, dn)
        try:
            return Candidate(user_id.decode(), dn, read)
        except UnicodeDecodeError:
            return Candidate("", dn, read, f"{self.user_id} is not text, so it cannot be a user id.")

    def _photo(self, dn: str) -> bytes:
        names = self._parts["attributes"] or _PHOTOS
        with self._connection() as connection:
            try:
                _, _, found, _ = connection.search(dn, "(objectClass=*)", BASE, attributes=names)
            except LDAPNoSuchObjectResult:
                raise NoPicture("the directory no longer has this person") from None
        for person, name in product(found, names):
            if values := _values(person, name):
                return values[0]
        raise NoPicture(f"the directory has no {' and no '.join(names)}")

    @cached_property
    def _parts(self) -> dict[str, Any]:
        parts: dict[str, Any] | None = parse_uri(self.url)  # type: ignore[no-untyped-call]  # its stub has no types
        if not parts or not parts["host"] or not parts["base"]:
            raise StackError(
                f"{self.url} is not an LDAP URL such as ldaps://ldap.example.com/ou=people,dc=example,dc=com"
            )
        if self.bind_dn and not parts["ssl"]:
            raise StackError("A password is sent over TLS only. Use ldaps://")
        return parts

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        """Yield a connection for one search, since many threads search, and report failures as one line."""
        host = self._parts["host"]
        tls = Tls(validate=ssl.CERT_REQUIRED, sni=host)  # by default ldap3 trusts any certificate
        server = Server(host, self._parts["port"], self._parts["ssl"], get_info=NONE, tls=tls, connect_timeout=_SECONDS)
        try:
            with Connection(
                server,
                self.bind_dn,
                self.password,
                client_strategy=SAFE_SYNC,
                auto_bind=AUTO_BIND_NO_TLS,
                auto_referrals=False,
                read_only=True,
                receive_timeout=_SECONDS,
                raise_exceptions=True,
            ) as connection:
                yield connection
        except LDAPInvalidCredentialsResult as error:
            raise StackError(f"The directory rejects this password for {self.bind_dn}.") from error
        except LDAPNoSuchObjectResult as error:
            raise StackError(f"The directory has no {self._parts['base']}.") from error
        except LDAPException as error:
            raise StackError(f"The directory at {host} fails: {error}") from error


def _values(person: dict[str, Any], name: str) -> list[bytes]:
    """Return an attribute's values. The case of its name does not matter (RFC 4512 §2.5)."""
    attributes = {key.lower(): values for key, values in person["raw_attributes"].items()}
    values: list[bytes] = attributes.get(name.lower(), [])
    return values
