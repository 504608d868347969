"""What `headshot --help` shows beside docstrings: examples for each command, and fewer types."""

from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup

# For each command, what to do and the command for it. Lines fit into 80 columns.
EXAMPLES: dict[str, list[tuple[str, str]]] = {
    "put": [
        ("Set a photo", "headshot put ada.lovelace ada.jpg"),
        ("Set it in another stack", "headshot put ada.lovelace ada.jpg --stack headshot-test"),
    ],
    "show": [
        ("Show a record", "headshot show ada.lovelace"),
        ("Print only the photo's URL", "headshot show ada.lovelace --json | jq -r .url"),
        ("See who set or erased the photo", "headshot show ada.lovelace --history"),
    ],
    "check": [
        ("Check a person's photo", "headshot check ada.lovelace"),
        ("Check a picture anywhere", "headshot check https://photos.example.com/photos/ada.jpg"),
    ],
    "erase": [
        ("Erase a person", "headshot erase ada.lovelace"),
        ("Keep the receipt", "headshot erase ada.lovelace --yes --json > receipt.json"),
    ],
    "import": [
        ("Try a folder of photos first", "headshot import photos/ --dry-run"),
        ("Import it", "headshot import photos/"),
        ("Import files listed in a table", "headshot import people.csv --user-id login"),
        ("Import from Microsoft Entra", "headshot import entra --user-id id"),
        (
            "Import from Active Directory",
            (
                "headshot import ldaps://dc.example.com/ou=people,dc=example,dc=com \\\n"
                "    --bind-dn cn=reader,dc=example,dc=com --user-id userPrincipalName"
            ),
        ),
    ],
    "list": [
        ("List all photos", "headshot list"),
        ("List photos that failed or wait, and why", "headshot list --unpublished"),
        ("List rejected files, and why", "headshot list --rejected"),
        ("List people without a photo", "headshot list --without-photo people.csv --user-id login"),
    ],
    "contact-sheet": [
        ("Write the page", "headshot contact-sheet --output photos.html"),
    ],
    "export": [
        ("Answer a person who asks what is stored", "headshot export ada.lovelace --output ada"),
        ("Take everyone's photo along", "headshot export --all --output photos"),
    ],
    "status": [
        ("Show the state of the stack", "headshot status"),
        ("Alert from a scheduled job", "headshot status --json || mail -s Headshot ops@example.com"),
    ],
    "doctor": [
        ("Check the whole chain for one person", "headshot doctor ada.lovelace"),
        ("Check what concerns everyone", "headshot doctor"),
    ],
    "retry": [
        ("Retry what failed", "headshot retry"),
    ],
    "reconcile": [
        ("Publish existing photos", "headshot reconcile"),
        ("Resume an interrupted run", "headshot reconcile --start-after ada.lovelace"),
    ],
    "rebuild": [
        ("Rebuild lost records, or give them new URLs", "headshot rebuild"),
        ("After a restored table, erase again who was erased since", "headshot rebuild --erase-lost"),
    ],
    "verify": [
        ("Run all checks", "headshot verify"),
        ("Run two of them", "headshot verify upload as-atlassian"),
    ],
    "destroy": [
        ("Delete everything after an export", "headshot destroy --export photos"),
        ("Delete a stack that was only tried", "headshot destroy --stack headshot-test --without-export"),
    ],
}


def epilog(command: str) -> str:
    """Return a command's examples in Markdown."""
    lines = [f"# {text}\n$ {example}" for text, example in EXAMPLES[command]]
    return "**Examples**:\n\n```console\n" + "\n\n".join(lines) + "\n```"


def _without_types(params: list[Any]) -> list[Any]:
    """Return the parameters such that help shows no `<bool>` for flags and no `<str>` for arguments, as Typer does."""
    for param in params:
        if isinstance(param, TyperArgument) or param.is_flag:
            param.display_type = _no_type
    return params


def _no_type(ctx: Any) -> str:  # noqa: ARG001  Typer passes the context
    return ""


class Command(TyperCommand):
    """A command whose help shows no types for flags and arguments."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, `--help` included."""
        return _without_types(super().get_params(ctx))


class Group(TyperGroup):
    """A group of commands whose help shows no types for flags and arguments."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, `--help` included."""
        return _without_types(super().get_params(ctx))
