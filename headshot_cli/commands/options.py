"""Arguments and options that several commands have."""

from typing import Annotated

import typer

StackName = Annotated[str, typer.Option("--stack", help="Name of the stack.", envvar="HEADSHOT_STACK")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
User = Annotated[
    str, typer.Argument(metavar="USER", help="User id: the identity provider's id, login or e-mail address.")
]
UserId = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Column or attribute of SOURCE that holds the user id. Without it that is `user_id` of a CSV file,"
        " `userPrincipalName` of Entra, and `mail` of LDAP.",
    ),
]
BindDn = Annotated[
    str | None,
    typer.Option(
        metavar="DN",
        help="Whom to sign in as at an LDAP directory. The password is HEADSHOT_LDAP_PASSWORD, or asked for.",
    ),
]
