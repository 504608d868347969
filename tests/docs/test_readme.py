"""The README fits on a few screens."""

from local.stack import PROJECT


def test_the_readme_stays_short():
    readme = (PROJECT / "README.md").read_bytes()
    assert len(readme.splitlines()) <= 150
    assert len(readme) <= 10_000
