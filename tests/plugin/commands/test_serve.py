"""`rythmo serve` as a user starts it: a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest


class Served:
    """A service, by what it prints."""

    def __init__(self, home, *more):
        environment = {**os.environ, "RYTHMO_HOME": str(home), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "rythmo", "serve", "--no-browser", "--json", *more]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.said = json.loads(self.process.stdout.readline())

    def ask(self, path, token):
        asked = urllib.request.Request(
            f"{self.said['address']}{path}", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(asked, timeout=20) as reply:
            return json.loads(reply.read())

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def test_it_serves_its_page_and_ends_when_told(home, tmp_path):
    service = Served(home, "--port", "0", str(tmp_path))
    known = json.loads((home / "service.json").read_text())
    assert service.said["page"] == f"{known['address']}/#token={known['token']}"
    assert service.ask("/api/v1/service", known["token"])["ready"]
    assert [one["path"] for one in service.ask("/api/v1/folders", known["token"])] == [str(tmp_path)]
    with urllib.request.urlopen(service.said["address"], timeout=20) as reply:
        assert b"Rythmo" in reply.read()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        service.ask("/api/v1/service", "another")
    stream = http.client.HTTPConnection(service.said["address"].removeprefix("http://"), timeout=20)
    stream.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {known['token']}"})
    assert stream.getresponse().readline() == b"retry: 2000\n"
    assert service.end() == (0, ("", "")), "a page that watches is no reason for a traceback"
    assert not (home / "service.json").exists()


def test_a_second_one_shows_the_first_and_opens_its_folders_there(home, tmp_path):
    first = Served(home, "--port", "0")
    second = Served(home, str(tmp_path))
    assert second.said["page"] == first.said["page"]
    second.process.communicate(timeout=30)
    assert second.process.returncode == 0
    token = json.loads((home / "service.json").read_text())["token"]
    assert [one["path"] for one in first.ask("/api/v1/folders", token)] == [str(tmp_path)]
    first.end(signal.SIGINT)


def test_letters_are_answered(home):
    service = Served(home, "--port", "0")
    token = json.loads((home / "service.json").read_text())["token"]
    box = home / "letterbox"
    letter = {"token": token, "method": "GET", "path": "/api/v1/service"}
    (box / "one.part").write_text(json.dumps(letter))
    (box / "one.part").rename(box / "one.question")
    answer = box / "one.answer"
    # Asking the service lets time pass until the letterbox was looked into.
    for _ in range(2000):
        if answer.exists():
            break
        service.ask("/api/v1/service", token)
    assert json.loads(answer.read_text())["status"] == 200
    service.end()
