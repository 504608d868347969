"""The contact sheet: an HTML page with everyone's current photo, to look over in a browser."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from html import escape
from typing import Any

_HEAD = """<!DOCTYPE html>
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
"""

_PERSON = '<li><figure><img loading="lazy" alt="" src="{url}"><figcaption>{user_id}</figcaption></figure></li>\n'

_TAIL = "</ul>\n</html>\n"


def contact_sheet(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the page, piece by piece, in the order of the user ids. It loads the photos from the URLs of the records.

    All records are read before the first piece. SQLite sorts them in a temporary file, so that memory stays the same
    however many people there are.
    """
    with closing(sqlite3.connect("")) as database:  # "" is a file that SQLite deletes itself
        database.execute("CREATE TABLE people (user_id TEXT, url TEXT)")
        people = ((record["user_id"], record["url"]) for record in records)
        count = database.executemany("INSERT INTO people VALUES (?, ?)", people).rowcount
        yield _HEAD.format(count=max(count, 0))
        for user_id, url in database.execute("SELECT user_id, url FROM people ORDER BY user_id"):
            yield _PERSON.format(url=escape(url), user_id=escape(user_id))
        yield _TAIL
