"""The contact sheet: an HTML page with everyone's current photo, to look over in a browser."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Headshot: {count} photos</title>
<style>
  body {{ margin: 2rem; font: 0.8rem/1.3 system-ui, sans-serif; color: #222; background: #fff; }}
  ul {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: 1rem; padding: 0; }}
  li {{ list-style: none; }}
  img {{ display: block; width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 50%; background: #eee; }}
  figure {{ margin: 0; }}
  figcaption {{ margin-top: 0.4rem; text-align: center; overflow-wrap: anywhere; }}
</style>
<h1>{count} photos</h1>
<ul>
{people}
</ul>
</html>
"""

_PERSON = '<li><figure><img loading="lazy" alt="" src="{url}"><figcaption>{user_id}</figcaption></figure></li>'


def contact_sheet(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the page, in the order of the user ids. It loads the photos from the URLs that Atlassian uses."""
    people = sorted(records, key=lambda record: str(record["user_id"]))
    lines = [_PERSON.format(url=escape(record["url"]), user_id=escape(record["user_id"])) for record in people]
    return _PAGE.format(count=len(lines), people="\n".join(lines))
