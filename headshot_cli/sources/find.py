"""Finds the source that is named on the command line."""

import os
from pathlib import Path

import typer

from headshot_cli.sources import Source
from headshot_cli.sources.folder import Folder
from headshot_cli.sources.table import Table
from headshot_cli.stack import StackError


def find(name: str, user_id: str | None, bind_dn: str | None) -> Source:
    """Give the source: a folder, a table, `entra` or the address of another cloud's Graph, or an LDAP URL.

    `user_id` is the column or attribute that holds the user id, None the usual one. With `bind_dn`, the password is
    taken from HEADSHOT_LDAP_PASSWORD, or asked for.

    Raises
    ------
    StackError
        If there is no such source.
    """
    # These two are loaded when they are asked for: their libraries take longer than most commands.
    if name == "entra" or name.startswith("https://"):
        from headshot_cli.sources.entra import GRAPH, Entra  # noqa: PLC0415

        return Entra(user_id or "userPrincipalName", GRAPH if name == "entra" else name.rstrip("/"))
    if name.startswith(("ldap://", "ldaps://")):
        from headshot_cli.sources.ldap import Ldap  # noqa: PLC0415

        return Ldap(name, user_id or "mail", bind_dn, _password() if bind_dn else None)
    if Path(name).is_dir():
        return Folder(Path(name))
    if Path(name).is_file():
        return Table(Path(name), user_id or "user_id")
    raise StackError(f"{name} is neither a folder nor a CSV file, nor entra or an LDAP URL.")


def _password() -> str:
    known = os.environ.get("HEADSHOT_LDAP_PASSWORD")
    return known or str(typer.prompt("Password for the directory", hide_input=True, err=True))
