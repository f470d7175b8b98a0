"""Exchange requests and responses as files, for hosts that refuse plain HTTP on loopback.

A panel writes `NAME.question` (JSON: token, method, path, body) into `letterbox/` in the service's folder.
The service writes `NAME.answer` (JSON: status, text) and deletes the question. Questions pass through the
same application and the same guard as HTTP requests. Only the user can write into the folder.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from rythmo.errors import RythmoError
from rythmo.files import write_atomically

if TYPE_CHECKING:
    from flask import Flask

QUESTION, ANSWER = ".question", ".answer"
LONGEST = 8 << 20
"""The largest question in bytes. Reports of whole timelines are the largest."""
STALE_SECONDS = 600
LOOK_SECONDS = 0.1
_METHODS = {"GET", "POST", "DELETE", "PATCH", "PUT"}
_log = logging.getLogger(__name__)


class MailboxQuestion(msgspec.Struct, frozen=True):
    """A panel's request, as written in a file."""

    token: str
    method: str
    path: str
    body: str = ""


def mailbox_folder(home: Path) -> Path:
    """Return the mailbox's folder."""
    return home / "letterbox"


def answer_questions(app: Flask, home: Path, address: str) -> int:
    """Answer the questions in the mailbox in order of name, and return how many there were."""
    box = mailbox_folder(home)
    questions = sorted(box.glob(f"*{QUESTION}"))
    for question in questions:
        answer = _answer_question(app, question, address)
        write_atomically(question.with_suffix(ANSWER), json.dumps(answer).encode())
        question.unlink(missing_ok=True)
    return len(questions)


def watch_mailbox(app: Flask, home: Path, address: str, stop: threading.Event) -> threading.Thread:
    """Start a thread that answers questions until `stop` is set. Old files in the mailbox are deleted."""
    box = mailbox_folder(home)
    box.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in _find_leftovers(box):
        old.unlink(missing_ok=True)

    def run() -> None:
        while not stop.wait(LOOK_SECONDS):
            try:
                answer_questions(app, home, address)
            except (OSError, RythmoError):
                _log.exception("the letterbox %s cannot be read or written", box)

    thread = threading.Thread(target=run, name="letterbox", daemon=True)
    thread.start()
    return thread


def _find_leftovers(box: Path) -> Iterator[Path]:
    oldest = time.time() - STALE_SECONDS
    for path in box.iterdir():
        with suppress(OSError):
            if path.stat().st_mtime < oldest:
                yield path


def _answer_question(app: Flask, question: Path, address: str) -> dict[str, str | int]:
    try:
        if question.is_symlink() or question.stat().st_size > LONGEST:
            return {"status": 413, "text": "The question is too long."}
        letter = msgspec.json.decode(question.read_bytes(), type=MailboxQuestion)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return {"status": 400, "text": f"The question cannot be read: {error}"}
    if letter.method not in _METHODS or not letter.path.startswith("/api/"):
        return {"status": 400, "text": "Only routes of the API can be called."}
    if not letter.path.isprintable() or not letter.token.isprintable() or not letter.token.isascii():
        # Werkzeug raises on a line end in a header, which would be reported as a defect of ours.
        return {"status": 400, "text": "The question's path or token is malformed."}
    status, reply = call_app(
        app, letter.method, letter.path, letter.body.encode(), address=address, token=letter.token
    )
    return {"status": status, "text": reply.decode("utf-8", "replace")}


def call_app(
    app: Flask, method: str, path: str, body: bytes, *, address: str, token: str
) -> tuple[int, bytes]:
    """Send a request through the application and its guard, and return the status and the body."""
    reply = app.test_client().open(
        path,
        method=method,
        base_url=address,
        data=body,
        headers={"Authorization": f"Bearer {token}"},
        content_type="text/plain; charset=utf-8",
    )
    return reply.status_code, reply.get_data()
