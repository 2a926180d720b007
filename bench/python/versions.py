"""Prints the versions of Python and of the packages in requirements.txt, as one JSON object."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def installed_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def main() -> None:
    lines = (Path(__file__).parent / "requirements.txt").read_text(encoding="utf8").splitlines()
    names = [line.partition("==")[0] for line in lines if line and not line.startswith("#")]
    versions = {name: installed_version(name) for name in names}
    print(json.dumps({"python": platform.python_version(), **versions}))


if __name__ == "__main__":
    main()
