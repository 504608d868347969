"""What the S3 object of a photo says about its record, so that the record can be rebuilt from it."""

from collections.abc import Mapping
from urllib.parse import quote, unquote

from headshot.record import Record

# What neither the object's key nor S3 knows. `published` is missing on purpose: reconcile finds that out.
_KEPT = ("width", "height", "created", "updated", "principal", "identity_id")


def of(record: Record) -> dict[str, str]:
    """Return the metadata of a record's photo, in ASCII as S3 requires."""
    values = {name: getattr(record, name) for name in _KEPT}
    return {_header(name): quote(str(value), safe=":/.@+") for name, value in values.items() if value is not None}


def parse(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return what `of` has put into metadata, and nothing else."""
    return {name: unquote(metadata[_header(name)]) for name in _KEPT if _header(name) in metadata}


def _header(name: str) -> str:
    """Return the name in a header, without the underscores that proxies drop."""
    return name.replace("_", "-")
