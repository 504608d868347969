"""Arguments and options that several commands share."""

from typing import Annotated

import typer

StackName = Annotated[str, typer.Option("--stack", metavar="NAME", help="The stack's name.", envvar="HEADSHOT_STACK")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
User = Annotated[
    str,
    typer.Argument(metavar="USER", help="The user id: the identity provider's id, login or e-mail address."),
]
UserId = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The column or attribute of SOURCE that holds the user id. By default it is `user_id` in a CSV file,"
        " `userPrincipalName` in Entra, and `mail` in LDAP.",
    ),
]
BindDn = Annotated[
    str | None,
    typer.Option(
        metavar="DN",
        help="The DN that signs in to an LDAP directory. The password comes from HEADSHOT_LDAP_PASSWORD or a prompt.",
    ),
]
