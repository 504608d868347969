"""A directory server, ldaptor's, in a process of its own: `python -m tests.fakes.directory PAGE [KEY]`.

It reads LDIF on standard input, and prints its port. Like Active Directory it gives no more than PAGE entries at once,
and the rest by pages (RFC 2696). With KEY, a file with a key and its certificate, it speaks TLS and wants people to
sign in.
"""

import sys
from itertools import islice
from typing import Any

from ldaptor.inmemory import fromLDIFFile
from ldaptor.interfaces import IConnectedLDAPEntry
from ldaptor.protocols import pureber, pureldap
from ldaptor.protocols.ldap import ldaperrors
from ldaptor.protocols.ldap.ldapserver import LDAPServer
from twisted.internet import defer, endpoints, task
from twisted.internet.protocol import ServerFactory
from twisted.python.components import registerAdapter

_PAGED_RESULTS = b"1.2.840.113556.1.4.319"


class Paging(LDAPServer):
    """Gives entries page by page; the cookie is how many were given."""

    def handle_LDAPSearchRequest(self, request, controls, reply):  # noqa: N802  # ldaptor's name for it
        if self.factory.members_only and self.boundUser is None:
            raise ldaperrors.LDAPOperationsError(b"a successful bind must be completed on the connection")
        paged = next((value for kind, _, value in controls or [] if kind == _PAGED_RESULTS), None)
        entries: list[Any] = []
        done = super().handle_LDAPSearchRequest(request, None, entries.append)
        done.addCallback(self._page, entries, paged, reply)
        return done

    def _page(self, done, entries, paged, reply):
        size, start = self.factory.page, 0
        if paged is not None:
            sequence, _ = pureber.berDecodeObject(pureber.BERDecoderContext(), paged)
            size, start = min(size, sequence[0].value), int(sequence[1].value or 0)
        for entry in islice(entries, start, start + size):
            reply(entry)
        more = start + size < len(entries)
        if paged is None:
            return pureldap.LDAPSearchResultDone(ldaperrors.LDAPSizeLimitExceeded.resultCode) if more else done
        cookie = pureber.BEROctetString(str(start + size).encode() if more else b"")
        value = pureber.BERSequence([pureber.BERInteger(0), cookie]).toWire()
        done.controls = [(_PAGED_RESULTS, False, value)]
        return done

    def queue(self, message_id, answer):
        controls = getattr(answer, "controls", None)
        self.transport.write(pureldap.LDAPMessage(answer, controls, message_id).toWire())


class Directory(ServerFactory):
    protocol = Paging

    def __init__(self, root, page, *, members_only):
        self.root, self.page, self.members_only = root, page, members_only

    def buildProtocol(self, _address):  # noqa: N802  # Twisted's name for it
        protocol = self.protocol()
        protocol.factory = self
        return protocol


async def main(reactor, page, key=None):
    registerAdapter(lambda directory: directory.root, Directory, IConnectedLDAPEntry)
    directory = Directory(await fromLDIFFile(sys.stdin.buffer), int(page), members_only=bool(key))
    kind = f"ssl:0:privateKey={key}:certKey={key}" if key else "tcp:0"
    port = await endpoints.serverFromString(reactor, f"{kind}:interface=127.0.0.1").listen(directory)
    sys.stdout.write(f"{port.getHost().port}\n")
    sys.stdout.flush()
    await defer.Deferred()  # which never comes: serve until the end


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
