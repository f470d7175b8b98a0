"""The letterbox answers as HTTP would, and is no way round the guard."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from flask import Flask, Response, request

from rythmo_plugin.service import file_mailbox

ADDRESS = "http://127.0.0.1:47800"


@pytest.fixture
def app() -> Flask:
    made = Flask("asked")

    @made.post("/api/v1/echo")
    def echo() -> Response:
        if request.headers.get("Authorization") != "Bearer secret":
            return Response("no", status=401)
        return Response(f"{request.host} {request.get_data(as_text=True)}")

    return made


def ask(home: Path, name: str, **letter: str) -> Path:
    box = file_mailbox.mailbox_folder(home)
    box.mkdir(exist_ok=True)
    path = box / f"{name}{file_mailbox.QUESTION}"
    path.write_text(json.dumps(letter), encoding="utf-8")
    return path


def answer(home: Path, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        (file_mailbox.mailbox_folder(home) / f"{name}{file_mailbox.ANSWER}").read_text(encoding="utf-8")
    )
    return found


def test_a_question_gets_the_answer_of_the_route(app: Flask, tmp_path: Path) -> None:
    question = ask(tmp_path, "1", token="secret", method="POST", path="/api/v1/echo", body="línea\tuna")
    assert file_mailbox.answer_questions(app, tmp_path, ADDRESS) == 1
    assert answer(tmp_path, "1") == {"status": 200, "text": "127.0.0.1:47800 línea\tuna"}
    assert not question.exists()


def test_the_guard_holds(app: Flask, tmp_path: Path) -> None:
    ask(tmp_path, "1", token="other", method="POST", path="/api/v1/echo")
    file_mailbox.answer_questions(app, tmp_path, ADDRESS)
    assert answer(tmp_path, "1")["status"] == 401


@pytest.mark.parametrize(
    "letter",
    [
        {"token": "secret", "method": "POST", "path": "http://elsewhere/api/"},
        {"token": "secret", "method": "POST", "path": "/media/x"},
        {"token": "secret", "method": "TRACE", "path": "/api/v1/echo"},
        {"method": "POST"},
    ],
)
def test_other_letters_are_refused(app: Flask, tmp_path: Path, letter: dict[str, str]) -> None:
    ask(tmp_path, "1", **letter)
    file_mailbox.answer_questions(app, tmp_path, ADDRESS)
    assert answer(tmp_path, "1")["status"] == 400


def test_a_letter_that_is_too_long_is_not_read(app: Flask, tmp_path: Path) -> None:
    path = ask(tmp_path, "1")
    with path.open("wb") as file:
        file.truncate(file_mailbox.LONGEST + 1)
    file_mailbox.answer_questions(app, tmp_path, ADDRESS)
    assert answer(tmp_path, "1")["status"] == 413


def test_the_watch_answers_and_ends_and_old_letters_go(app: Flask, tmp_path: Path) -> None:
    old = ask(tmp_path, "old", token="secret", method="POST", path="/api/v1/echo")
    os.utime(old, (0, 0))
    stop = threading.Event()
    thread = file_mailbox.watch_mailbox(app, tmp_path, ADDRESS, stop)
    ask(tmp_path, "new", token="secret", method="POST", path="/api/v1/echo", body="hello")
    wanted = file_mailbox.mailbox_folder(tmp_path) / f"new{file_mailbox.ANSWER}"
    pause = threading.Event()
    for _ in range(100):
        if wanted.exists():
            break
        pause.wait(0.05)
    stop.set()
    thread.join(5)
    assert answer(tmp_path, "new")["text"] == "127.0.0.1:47800 hello"
    assert not (file_mailbox.mailbox_folder(tmp_path) / f"old{file_mailbox.ANSWER}").exists()
    assert not thread.is_alive()
