"""The real service with toy engines in a process of its own. Arguments: its folder, projects, media."""

from __future__ import annotations

import sys
from pathlib import Path

from toy_service import host_service


def main() -> None:
    home, out, folder = map(Path, sys.argv[1:])
    with host_service(home, out, (folder,)):
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
