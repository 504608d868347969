"""The headings, links and pictures of Markdown pages, as GitHub reads them."""

import re
from collections import Counter
from pathlib import Path

from local.stack import PROJECT

_FENCED = re.compile(r"^( *)(`{3,})[^`\n]*\n.*?^\1\2 *$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^#{1,6} +(.+?)[ #]*$", re.MULTILINE)
_ID = re.compile(r'<a (?:id|name)="([^"]+)"')
_LINK = re.compile(r"(!?)\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*([^)\s]+)[^)]*\)")
_IMAGE = re.compile(r'<(?:img|source)\b[^>]*?\b(?:src|srcset)="([^"]+)"')
_EXTERNAL = re.compile(r"[a-z][a-z0-9+.-]*:")


def pages() -> list[Path]:
    """Return every Markdown page of the project."""
    found = [*PROJECT.glob("*.md"), *PROJECT.glob("[!.]*/**/*.md")]
    return sorted(page for page in found if not any(part.startswith(".") for part in page.relative_to(PROJECT).parts))


def links(page: Path) -> set[str]:
    """Return the addresses inside the project that a page links to or shows, with their anchors."""
    text = _FENCED.sub("", page.read_text("utf-8"))
    shown = _CODE.sub("", text)
    found = {address for _, address in _LINK.findall(shown)} | set(_IMAGE.findall(shown))
    return {address for address in found if not _EXTERNAL.match(address)}


def pictures(page: Path) -> set[Path]:
    """Return the files of the pictures that a page shows."""
    suffixes = {".svg", ".png"}
    return {(page.parent / address).resolve() for address in links(page) if Path(address).suffix in suffixes}


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page: those of its headings, by GitHub's rules, and those that it sets itself."""
    text = _FENCED.sub("", page.read_text("utf-8"))
    seen: Counter[str] = Counter()
    found = set(_ID.findall(text))
    for heading in _HEADING.findall(text):
        slug = slugify(heading)
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def slugify(heading: str) -> str:
    """Return the anchor of a heading: lower case, only letters, digits, `-` and `_`, a hyphen for each space."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
