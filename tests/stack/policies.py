"""What the pages say about permissions: which policy allows which route, and policies to adapt."""

import json
import re
from typing import Any

from local.emulator import ACCOUNT_ID, REGION
from local.stack import PROJECT, STACK
from tests.stack.conftest import Rig

Route = tuple[str, str]

_API = (PROJECT / "docs/api.md").read_text("utf-8")
_PERMISSIONS = (PROJECT / "docs/permissions.md").read_text("utf-8")

_ROUTE = re.compile(r"^\| `([A-Z]+) (/\S+)` \| ((?!anyone)[a-z, ]+) \|", re.MULTILINE)
_POLICY = re.compile(r"^### (.+)\n(?:(?!#).*\n)*?```json\n((?:(?!```).*\n)+)```", re.MULTILINE)

# The signed routes of docs/api.md, with the names of the policies that allow them, such as "upload".
ROUTES: dict[Route, set[str]] = {
    (method, path): {*policies.split(", "), "administer"} for method, path, policies in _ROUTE.findall(_API)
}

# The policies of docs/permissions.md by their headings.
TO_ADAPT: dict[str, str] = dict(_POLICY.findall(_PERMISSIONS))


def adapted(rig: Rig, heading: str) -> str:
    """Return a policy of docs/permissions.md, with the stack's names in place of the placeholders."""
    api = rig.outputs["ApiEndpoint"].partition("://")[2].partition(".")[0]
    names = {"region": REGION, "account": ACCOUNT_ID, "stack": STACK, "api": api}
    names["PhotosBucket"] = rig.outputs["PhotosBucket"]
    return re.sub(r"<(\w+)>", lambda found: names[found[1]], TO_ADAPT[heading])


def give(rig: Rig, role: str, document: str | dict[str, Any]) -> None:
    """Replace the policy that a role got here before by this one."""
    text = document if isinstance(document, str) else json.dumps(document)
    rig.client("iam").put_role_policy(RoleName=role, PolicyName="test", PolicyDocument=text)
