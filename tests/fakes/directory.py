"""A fake LDAP directory: ldaptor's server in its own process, `python -m tests.fakes.directory PAGE [KEY]`.

It reads LDIF from standard input and prints its port. Like Active Directory, it returns at most PAGE entries at once;
the rest must be read page by page (RFC 2696). With KEY, a file with a key and its certificate, it uses TLS and requires
a bind.
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
    """Returns entries page by page; the cookie is the number of entries returned so far."""

    def handle_LDAPSearchRequest(self, request, controls, reply):  # noqa: N802  # ldaptor's name for it
        if self.factory.bind_required and self.boundUser is None:
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

    def queue(self, message_id, response):
        controls = getattr(response, "controls", None)  # only _page sets them
        self.transport.write(pureldap.LDAPMessage(response, controls, message_id).toWire())


class Directory(ServerFactory):
    protocol = Paging

    def __init__(self, root, page, *, bind_required):
        self.root, self.page, self.bind_required = root, page, bind_required

    def buildProtocol(self, _address):  # noqa: N802  # Twisted's name for it
        protocol = self.protocol()
        protocol.factory = self
        return protocol


async def main(reactor, page, key=None):
    registerAdapter(lambda directory: directory.root, Directory, IConnectedLDAPEntry)
    directory = Directory(await fromLDIFFile(sys.stdin.buffer), int(page), bind_required=bool(key))
    kind = f"ssl:0:privateKey={key}:certKey={key}" if key else "tcp:0"
    port = await endpoints.serverFromString(reactor, f"{kind}:interface=127.0.0.1").listen(directory)
    sys.stdout.write(f"{port.getHost().port}\n")
    sys.stdout.flush()
    await defer.Deferred()  # it never fires: serve until the process ends


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
