"""Look up the pinned packages in the advisories that PyPI publishes: `python -m checks.audit FILE ...`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def main(files: list[str]) -> None:
    """Audit what the requirements files pin, and print one line if it is clean.

    Exit with 1 and a line for each advisory, or with 2 and one line if the audit could not run: without a network, or
    with a package index that has no advisories, such as a mirror.
    """
    tool = Path(sys.executable).with_name("pip-audit")
    options = ["--disable-pip", "--progress-spinner=off", "--timeout=10", "--format=json"]
    requirements = [f"--requirement={file}" for file in files]
    done = subprocess.run([tool, *options, *requirements], capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:  # pip-audit prints no JSON if it fails
        if "ConnectionError" in done.stderr:
            _give_up("pypi.org cannot be reached. Connect this machine to the internet")
        _give_up(f"pip-audit failed. {(done.stderr.strip() or 'It printed nothing').splitlines()[-1]}")
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        names = ", ".join(skipped[:3]) + (", …" if skipped[3:] else "")
        _give_up(f"the package index has no advisories for {names}. Run it against pypi.org")
    report(packages)


def report(packages: list[dict[str, Any]]) -> None:
    """Print a line for each advisory and exit with 1, or print that there is none."""
    found = [(package, advisory) for package in packages for advisory in package["vulns"]]
    for package, advisory in found:
        fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {advisory['id']}, fixed in {fixed}")
    if found:
        sys.exit(1)
    print(f"{len(packages)} packages audited: no known vulnerability.")


def _give_up(reason: str) -> None:
    print(f"The audit could not run: {reason}.", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
