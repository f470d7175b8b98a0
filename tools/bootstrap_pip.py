"""Puts pip into a virtual environment whose Python came without it, as Debian's does; standard library only.

    bootstrap_pip.py .venv/bin/python

pip's wheel comes from the index that pip is configured with, else from PyPI; its hash is the index's.
"""

from __future__ import annotations

import configparser
import hashlib
import json
import os
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

_FILES = ("/etc/xdg/pip/pip.conf", "/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf")
_PUBLIC = "https://pypi.org/simple"


def read_setting(name: str, default: str = "") -> str:
    """One of pip's settings: from the environment, else from the last of its files that has it."""
    value = os.environ.get(f"PIP_{name.upper().replace('-', '_')}", "")
    for file in reversed(_FILES):
        parser = configparser.RawConfigParser()
        parser.read(Path(file).expanduser())
        value = value or parser.get("global", name, fallback="")
    return value or default


def fetch(url: str, accept: str = "*/*") -> bytes:
    """What lies behind an address."""
    certificates = read_setting("cert")
    context = ssl.create_default_context(cafile=certificates or None)
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, context=context, timeout=60) as answer:
        return bytes(answer.read())


def main(python: str) -> None:
    """Fetch pip's newest wheel, check it, and let it install itself."""
    page = f"{read_setting('index-url', _PUBLIC).rstrip('/')}/pip/"
    listed = json.loads(fetch(page, "application/vnd.pypi.simple.v1+json"))
    wheels = [
        file
        for file in listed["files"]
        if file["filename"].endswith("-none-any.whl") and not file.get("yanked")
    ]
    newest = max(wheels, key=lambda file: file.get("upload-time", ""))
    wheel = fetch(urljoin(page, newest["url"]))
    if hashlib.sha256(wheel).hexdigest() != newest["hashes"]["sha256"]:
        raise SystemExit(f"{newest['filename']} is damaged: its hash is not the one that the index states.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, newest["filename"])
        path.write_bytes(wheel)
        # A wheel is a zip archive, which Python runs as it is.
        subprocess.run([python, f"{path}/pip", "install", "--quiet", "--no-index", str(path)], check=True)


if __name__ == "__main__":
    main(sys.argv[1])
