"""Tools that packages are built with."""

import sys

NO_PIP = f"""#!/bin/sh
if [ "$1 $2" = "-m pip" ]; then echo "No module named pip" >&2; exit 1; fi
exec {sys.executable} "$@"
"""


def script(file, text):
    """Write an executable."""
    file.write_text(text)
    file.chmod(0o755)


def without_pip(folder):
    """Put a python3 without pip into a folder, and return the folder. It comes first on a PATH."""
    folder.mkdir()
    script(folder / "python3", NO_PIP)
    return folder
