"""Prints an HTML page as PDF with the browser of the machine, outside this process."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rythmo.errors import OutputError
from rythmo.files import make_atomically, make_printable
from rythmo.scratch import scratch_folder

BROWSER = "RYTHMO_BROWSER"
"""The environment variable that names the browser to print with."""
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
    "brave-browser",
)
_MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
_SECONDS = 120.0
_DATE = re.compile(rb"(/(?:Creation|Mod)Date \(D:)(\d{14})([^)]*\))")
_EPOCH = b"19700101000000"


def find_browser() -> Path | None:
    """Return a browser of the Chromium family, which prints without a window; None if there is none."""
    named = os.environ.get(BROWSER)
    if named:
        found = shutil.which(named)
        return Path(found) if found else None
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    return next((path for path in _list_usual_places() if path.is_file()), None)


def _list_usual_places() -> Iterator[Path]:
    system = platform.system()
    if system == "Darwin":
        for root in (Path("/Applications"), Path.home() / "Applications"):
            yield from (root / name for name in _MAC)
    if system == "Windows":
        roots = (os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"))
        yield from (Path(root) / name for root in roots if root for name in _WINDOWS)


def print_pdf(html: str, target: Path, browser: Path) -> None:
    """Print a page to a PDF file.

    The page is ours and holds no script; the browser gets a profile of its own that is deleted again.

    Raises:
        OutputError: The browser failed, or took more than two minutes.
    """
    with scratch_folder("print") as folder:
        page, made = folder / "page.html", folder / "page.pdf"
        page.write_text(html, encoding="utf-8")
        arguments = [
            str(browser),
            "--headless",
            "--disable-gpu",
            "--disable-extensions",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={made}",
            page.as_uri(),
        ]
        if _is_root():
            # Chromium refuses to run its sandbox as root, as in a container.
            arguments.insert(1, "--no-sandbox")
        try:
            ended = subprocess.run(  # noqa: S603 - a browser that the user installed or named, and our page
                arguments, capture_output=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _fail(browser, str(error)) from error
        if not made.is_file():
            raise _fail(browser, ended.stderr.decode("utf-8", "replace").strip()[-200:])
        data = _drop_time_of_printing(made.read_bytes())
    make_atomically(target, lambda path: path.write_bytes(data))


def _drop_time_of_printing(pdf: bytes) -> bytes:
    """Return the PDF with its two dates set to 1970, so that the same page gives the same bytes.

    The length stays: the table at the end of a PDF counts bytes.
    """
    return _DATE.sub(lambda found: found[1] + _EPOCH + found[3], pdf)


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _fail(browser: Path, reason: str) -> OutputError:
    return OutputError(
        f"{make_printable(browser)} did not print the page: {make_printable(reason)}.",
        hint=f"Set {BROWSER} to another browser of the Chromium family, or deliver the XLSX.",
    )
