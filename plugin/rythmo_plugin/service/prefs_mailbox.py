"""Answer scripts of Resolve's free edition, 21.1 and later, which speak through Fusion's preferences.

The service looks at `Fusion.prefs` several times a second (see `fusion_prefs` for what stands there) and
writes into `mailbox/` in its own folder, each file by rename:

- `service.lua`: the run of this service, a beat that counts up while it works for a script, and the last
  message taken from each script;
- `LOOP-NUMBER-PART.lua`: the answer to that message.

A message is taken once, however often it is found. Every message that a script saves makes Resolve write
all its preferences, so the service waits in the script's place: while the next steps are only to wait, it
takes the next turns itself.

Whoever can write Resolve's preferences can make it run scripts, so messages carry no token; they reach the
routes of conversations only.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rythmo.errors import RythmoError
from rythmo_plugin.hosts.line_protocol import MAX_BYTES, Step, decode, encode, step
from rythmo_plugin.service.file_mailbox import call_app
from rythmo_plugin.service.fusion_prefs import (
    MessagePart,
    Value,
    find_prefs_files,
    find_profiles,
    read_message_parts,
    write_lua_table,
)

if TYPE_CHECKING:
    from flask import Flask

LOOK_SECONDS = 0.1
BEAT_SECONDS = 1.0
# A script sends a sign of life at least this often.
HOLD_SECONDS = 600.0
# A file that changed this recently is read again at every look: it may not have been whole.
_FRESH_SECONDS = 3.0
_LOOPS = 64
_SESSIONS = "/api/v1/hosts/resolve/sessions"
_TURN = re.compile(r"(/api/v1/hosts/sessions/[0-9a-f]+/turns/)([0-9]{1,9})")
_log = logging.getLogger(__name__)


def mailbox_folder(home: Path) -> Path:
    """Return the folder of the answers."""
    return home / "mailbox"


@dataclass
class _Loop:
    """One run of a script: the last message taken, and the parts of a request that is not complete."""

    taken: tuple[int, int] = (0, 0)
    data: bytearray = field(default_factory=bytearray)
    answers: list[Path] = field(default_factory=list)


class PrefsMailbox:
    """The mailbox of one run of the service."""

    def __init__(self, app: Flask, home: Path, address: str, stop: threading.Event) -> None:
        self.run = secrets.token_hex(8)
        self._app, self._address, self._stop = app, address, stop
        self._folder = mailbox_folder(home)
        self._lock = threading.Lock()
        self._loops: OrderedDict[str, _Loop] = OrderedDict()
        self._busy = 0
        self._beat = 0
        self._beaten = 0.0
        self._seen: dict[Path, tuple[int, int, int]] = {}
        self._changed: dict[Path, float] = {}

    def open(self) -> None:
        """Delete what an earlier run of the service left, and announce this one."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in self._folder.glob("*.lua*"):
            with suppress(OSError):
                old.unlink()
        self.beat()

    def close(self) -> None:
        """Say that there is no service any more."""
        with suppress(OSError):
            (self._folder / "service.lua").unlink(missing_ok=True)

    def look(self, profiles: Path) -> None:
        """Take the new messages of all profiles, and beat if it is time."""
        for path in find_prefs_files(profiles):
            with suppress(OSError):  # it is being replaced: the next look finds it
                if self._is_fresh(path):
                    for part in read_message_parts(path.read_bytes()):
                        self.take(part)
        if self._busy and time.monotonic() - self._beaten >= BEAT_SECONDS:
            self.beat()

    def _is_fresh(self, path: Path) -> bool:
        found, now = path.stat(), time.monotonic()
        mark = (found.st_mtime_ns, found.st_size, found.st_ino)
        if self._seen.get(path) != mark:
            self._seen[path], self._changed[path] = mark, now
        return now - self._changed[path] < _FRESH_SECONDS

    def take(self, part: MessagePart) -> bool:
        """Take a message, unless it was taken before or is for another run; return whether it was taken."""
        if part.run != self.run:
            return False
        with self._lock:
            loop = self._loops.setdefault(part.loop, _Loop())
            number, last = loop.taken
            following = (part.number, part.part) == (number, last + 1)
            if not following and not (part.number > number and part.part == 1):
                return False
            if part.part == 1:
                loop.data = bytearray()
            loop.taken = (part.number, part.part)
            loop.data += part.data
            self._loops.move_to_end(part.loop)
            while len(self._loops) > _LOOPS:
                self._loops.popitem(last=False)
            complete = part.part == part.parts
            self._busy += complete
        self.beat()
        if complete:
            threading.Thread(
                target=self._work, args=(part, bytes(loop.data)), name="mailbox", daemon=True
            ).start()
        elif len(loop.data) > MAX_BYTES:
            self._publish(part, {"status": 413, "text": "The report is too large."})
        else:
            self._publish(part, {"status": 100, "text": ""})
        return True

    def beat(self) -> None:
        """Write `service.lua`."""
        with self._lock:
            self._beat += 1
            self._beaten = time.monotonic()
            taken = {loop: f"{loop}-{each.taken[0]}-{each.taken[1]}" for loop, each in self._loops.items()}
            values: dict[str, Value] = {"run": self.run, "beat": self._beat, "taken": taken}
            _replace(self._folder / "service.lua", write_lua_table(values))

    def _work(self, part: MessagePart, data: bytes) -> None:
        """Answer one request. Runs in a thread of its own, since a turn may take minutes."""
        try:
            answer = self._answer(data)
            if answer is not None:
                self._publish(part, answer)
        except (OSError, RythmoError):
            _log.exception("the mailbox %s cannot be written", self._folder)
        finally:
            with self._lock:
                self._busy -= 1

    def _publish(self, part: MessagePart, answer: dict[str, Value]) -> None:
        """Write an answer, and delete those to earlier messages of the same script."""
        path = self._folder / f"{part.loop}-{part.number}-{part.part}.lua"
        _replace(path, write_lua_table(answer))
        with self._lock:
            loop = self._loops.setdefault(part.loop, _Loop())
            old, loop.answers = loop.answers, [path]
        for each in old:
            with suppress(OSError):
                each.unlink(missing_ok=True)

    def _answer(self, data: bytes) -> dict[str, Value] | None:
        """Return the answer to a request, or None when the service ends before there is one."""
        head, _, body = data.partition(b"\n")
        method, _, path = head.decode("utf-8", "replace").partition(" ")
        if method == "TELL":
            _log.warning("Resolve: %s", " ".join(body.decode("utf-8", "replace").split()))
            return {"status": 200, "text": ""}
        turn = _TURN.fullmatch(path)
        if method != "POST" or not (turn or path == _SESSIONS):
            return {"status": 400, "text": "Only conversations can be held through the mailbox."}
        status, reply = self._post(path, body)
        if turn is None or status != 200:
            return {"status": status, "text": reply.decode("utf-8", "surrogateescape")}
        return self._hold(turn[1], int(turn[2]), decode(reply))

    def _hold(self, turns: str, number: int, steps: tuple[Step, ...]) -> dict[str, Value] | None:
        """Take the next turns in the script's place as long as there is nothing to do but wait."""
        until = time.monotonic() + HOLD_SECONDS
        status = 200
        while _is_waiting(steps) and time.monotonic() < until:
            if self._stop.wait(sum(_seconds(each) for each in steps)):
                return None
            status, reply = self._post(f"{turns}{number + 1}", b"")
            if status != 200:
                return {"status": status, "text": reply.decode("utf-8", "surrogateescape")}
            number, steps = number + 1, decode(reply)
        text = encode((step("turn", number), *steps))
        return {"status": status, "text": text.decode("utf-8", "surrogateescape")}

    def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        token = self._app.extensions["rythmo"].settings.token
        return call_app(self._app, "POST", path, body, address=self._address, token=token)


def watch_prefs(
    app: Flask, home: Path, address: str, stop: threading.Event, profiles: Path | None = None
) -> threading.Thread:
    """Start a thread that answers messages until `stop` is set. `profiles` is Fusion's folder of profiles."""
    box = PrefsMailbox(app, home, address, stop)
    box.open()

    def run() -> None:
        while not stop.wait(LOOK_SECONDS):
            try:
                box.look(profiles or find_profiles())
            except (OSError, RythmoError):
                _log.exception("the mailbox %s cannot be read or written", mailbox_folder(home))
        box.close()

    thread = threading.Thread(target=run, name="prefs-mailbox", daemon=True)
    thread.start()
    return thread


def _is_waiting(steps: tuple[Step, ...]) -> bool:
    return bool(steps) and all(each.verb in ("wait", "say") for each in steps)


def _seconds(each: Step) -> float:
    return float(each.field(0)) if each.verb == "wait" else 0.0


def _replace(path: Path, data: bytes) -> None:
    """Write a file by rename. On Windows this fails while the script has the old file open, so try again."""
    temporary = path.with_suffix(".lua.part")
    temporary.write_bytes(data)
    for _ in range(20):
        try:
            temporary.replace(path)
        except PermissionError:
            time.sleep(0.02)
        else:
            return
    temporary.replace(path)
