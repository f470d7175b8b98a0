"""Runs the scripts for Resolve as Resolve runs them, against the fake."""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import landed_sound
import pytest
from fake_fusion_prefs import Fusion
from fake_resolve import Resolve, TimelineItem, guarded
from landed_sound import Playing

from rythmo_plugin.hosts import resolve as scripts
from rythmo_plugin.installer.script_constants import fill_constants

LIB = Path(scripts.__path__[0])
_SHIM = Path(__file__).with_name("resolve_shim.lua")
_LONGEST_PAUSE = 0.02


def entry(name: str, home: Path, folder: Path, start: str = "") -> Path:
    """A menu script as the installer writes it."""
    values = {"RYTHMO_HOME": str(home), "RYTHMO_START": start, "RYTHMO_LIB": str(LIB)}
    path = folder / name
    path.write_text(fill_constants((LIB / "menu" / name).read_text(), values))
    return path


def by_python(host: Resolve, name: str, home: Path, folder: Path, start: str = "", **wants: str) -> str:
    """Run a Python entry with Resolve's global, with short pauses, and return what it printed."""
    out = io.StringIO()
    kept, pause = (sys.argv, sys.path[:], sys.dont_write_bytecode), time.sleep
    sys.argv = [name, *(f"{key}={value}" for key, value in wants.items())]
    time.sleep = lambda seconds: pause(min(seconds, _LONGEST_PAUSE))
    try:
        with contextlib.redirect_stdout(out):
            runpy.run_path(str(entry(f"{name}.py", home, folder, start)), {"resolve": guarded(host, host)})
    finally:
        time.sleep = pause
        sys.argv, sys.path[:], sys.dont_write_bytecode = kept
    return out.getvalue()


def by_lua(
    host: Resolve,
    name: str,
    home: Path,
    folder: Path,
    start: str = "",
    lua: str = "luajit",
    fusion: Fusion | None = None,
    **wants: str,
) -> str:
    """Run a Lua entry in a real Lua and return what it printed. Skips the test where there is none.

    With `fusion` the script runs in the sandbox of Resolve 21.1's free edition, which has these preferences.
    """
    if shutil.which(lua) is None:
        pytest.skip(f"no {lua} on this machine: apt-get install {lua}")
    requests, answers = folder / "requests", folder / "answers"
    for pipe in (requests, answers):
        pipe.unlink(missing_ok=True)
        os.mkfifo(pipe)
    script = entry(f"{name} (Lua).lua", home, folder, start)
    told = "{" + ",".join(f"{key}={_lua(value)}" for key, value in wants.items()) + "}"
    words = [lua, str(_SHIM), str(requests), str(answers), str(script), told, "sandbox" if fusion else ""]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    server = threading.Thread(target=_serve, args=(host, requests, answers, fusion))
    server.start()
    assert process.stdout is not None
    with process.stdout:
        said = process.stdout.read()
    process.wait(30)
    server.join(30)
    assert process.returncode == 0, said
    return said


def ours(host: Resolve) -> list[TimelineItem]:
    """What Rythmo brought onto the timeline that is open."""
    return [
        item
        for track in host.current.tracks["audio"]
        for item in track.items
        if "/host/media/" in str(item.media.path)
    ]


def require_every_line_on_its_sample(host: Resolve) -> int:
    """What stands on the timeline that is open is, sample for sample, what the project placed; the lines."""
    line = host.current
    clips = [Playing(item.media.path, item.start - line.start, item.length) for item in ours(host)]
    return landed_sound.require_every_line_on_its_sample(clips, line.rate)


RUNS = {"python": by_python, "lua": by_lua}
WANTS = {"language": "es", "source_language": "en", "mode": "duplicate"}
"""What the page would ask."""


def _serve(host: Resolve, requests: Path, answers: Path, fusion: Fusion | None) -> None:
    """Answer calls until the script closes its pipe."""
    objects: list[object] = [guarded(host, host), fusion]
    with requests.open() as asked, answers.open("w") as answered:
        for line in asked:
            answered.write(_answer(json.loads(line), objects) + "\n")
            answered.flush()


def _answer(request: list[object], objects: list[object]) -> str:
    place, name, *given = request
    if name == "!wait":
        time.sleep(min(float(given[0][0]), _LONGEST_PAUSE))  # type: ignore[index]  # JSON: a list of one number
        return "nil"
    found = getattr(objects[int(place)], str(name))  # type: ignore[call-overload]  # JSON: a number
    value = found(*_known(given[0], objects)) if given else found  # type: ignore[misc]  # JSON: a list
    return _lua(value, objects)


def _known(value: object, objects: list[object]) -> object:
    if isinstance(value, list):
        return [_known(each, objects) for each in value]
    if isinstance(value, Mapping):
        if "$" in value:
            return objects[value["$"]]
        return {key: _known(each, objects) for key, each in value.items()}
    # Lua has one kind of number.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _lua(value: object, objects: list[object] | None = None) -> str:
    """A value as Lua source."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return '"' + "".join(f"\\{byte:03}" for byte in value.encode()) + '"'
    if isinstance(value, list):
        return "{" + ",".join(_lua(each, objects) for each in value) + "}"
    if isinstance(value, Mapping):
        pairs = (f"[{_lua(key, objects)}]={_lua(each, objects)}" for key, each in value.items())
        return "{" + ",".join(pairs) + "}"
    assert objects is not None
    objects.append(value)
    return f"O({len(objects) - 1})"
