"""Finds the source named on the command line."""

import os
from pathlib import Path

import typer

from headshot_cli.sources import Source
from headshot_cli.sources.folder import Folder
from headshot_cli.sources.table import Table
from headshot_cli.stack import StackError


def find(name: str, user_id: str | None, bind_dn: str | None) -> Source:
    """Return the source: a folder, a table, `entra` or a national cloud's Graph address, or an LDAP URL.

    `user_id` is the column or attribute that holds the user id, or None for the default. With `bind_dn`, the password
    comes from HEADSHOT_LDAP_PASSWORD or a prompt.

    Raises
    ------
    StackError
        If there is no such source.
    """
    # These two are imported on use: loading their libraries takes longer than most commands.
    if name == "entra" or name.startswith("https://"):
        from headshot_cli.sources.entra import GRAPH, Entra  # noqa: PLC0415  loaded on use

        return Entra(user_id or "userPrincipalName", GRAPH if name == "entra" else name.rstrip("/"))
    if name.startswith(("ldap://", "ldaps://")):
        from headshot_cli.sources.ldap import Ldap  # noqa: PLC0415  loaded on use

        return Ldap(name, user_id or "mail", bind_dn, _password() if bind_dn else None)
    if Path(name).is_dir():
        return Folder(Path(name))
    if Path(name).is_file():
        return Table(Path(name), user_id or "user_id")
    raise StackError(
        f"{name} is neither a folder nor a CSV file, entra or an LDAP URL. Check for typos and that it exists."
    )


def _password() -> str:
    known = os.environ.get("HEADSHOT_LDAP_PASSWORD")
    return known or str(typer.prompt("Password for the directory", hide_input=True, err=True))
