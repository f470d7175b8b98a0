"""Check Premiere's panel: its types against Adobe's own, and its lint.

    python tools/check_panel.py

Types are npm's @adobe/premierepro, by `tsc --strict`; the lint is plugin/panel/eslint.config.mjs. What they
need comes from npm in the versions of plugin/panel/package-lock.json; none of it is kept in the repository.
Ends with 0 when the panel passes, 1 when it does not, and 3, after a line that says why, where npm or its
registry is missing.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys

from build_page import ROOT, again_with_node, commands

HERE = ROOT / "plugin" / "panel"
STAMP = HERE / "node_modules" / ".rythmo-lock"
UNREACHED = 3


def locked() -> str:
    """A hash of the versions that are asked for."""
    return hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()


def fetch(npm: list[str], environment: dict[str, str]) -> str:
    """Install the checkers unless they are there; an empty string, or why they cannot be had."""
    if STAMP.is_file() and STAMP.read_text() == locked():
        return ""
    words = [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(words, cwd=HERE, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["npm failed"])[-1]
    STAMP.write_text(locked())
    return ""


def main() -> int:
    """Run both checks, whatever the first says."""
    ended = again_with_node(__file__)
    if ended is not None:
        return ended
    found = commands()
    if found is None:
        print("The panel was not checked: Node 20 or later with npm is needed.")
        return UNREACHED
    _, npm, environment = found
    if trouble := fetch(npm, environment):
        print(f"The panel was not checked: its checkers cannot be fetched ({trouble}).")
        return UNREACHED
    run = [
        subprocess.run([*npm, "run", "--silent", name], cwd=HERE, env=environment, check=False).returncode
        for name in ("types", "lint")
    ]
    return int(any(run))


if __name__ == "__main__":
    sys.exit(main())
