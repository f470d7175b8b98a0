"""Damage and full disks: one bad thing spoils nothing else, and nothing hangs."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock
from msgspec.structs import replace

from rythmo.project.history import History, UndoState
from rythmo.project.sqlite_files import is_damaged
from rythmo.script import store
from rythmo_plugin.service import file_mailbox
from rythmo_plugin.service.database import Database
from rythmo_plugin.service.job_records import JobRecords
from rythmo_plugin.service.job_states import new_job


def damaged(kind: str, data: bytes) -> bytes:
    half = len(data) // 2
    return {
        "cut": data[:half],
        "flipped": data[:50] + bytes(255 - byte for byte in data[50:600]) + data[600:],
        "zeros": bytes(len(data)),
        "text": b"not a database at all" * 100,
    }[kind]


@pytest.mark.parametrize("order", [b'{"order": {"job": "x", "cra', b"\xff\xfe\n", b'{"order": 5}\n', b""])
def test_a_worker_ends_after_half_an_order(tmp_path, order):
    """It kept its lane for ever: the thread that reads died of the half line."""
    lane = tmp_path / "worker.lock"
    command = [sys.executable, "-m", "rythmo_plugin.service.worker", str(lane)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as worker:
        assert b"ready" in worker.stdout.readline()
        worker.stdin.write(order)
        worker.stdin.close()
        worker.wait(20)
        assert b"Traceback" not in worker.stderr.read()
    FileLock(lane).acquire(timeout=1).lock.release()


@pytest.mark.parametrize("kind", ["cut", "flipped", "zeros", "text"])
def test_a_damaged_database_of_the_service_is_set_aside(tmp_path, kind):
    path = tmp_path / "service.db"
    database = Database(path)
    for number in range(40):
        database.add_job(new_job("qc", project=str(number)), None)
    database.close()
    path.write_bytes(damaged(kind, path.read_bytes()))
    again = Database(path)
    again.add_folder("x", "/media")
    assert again.folders() == {"x": "/media"}
    again.close()
    assert [one.name for one in tmp_path.glob("*damaged*")] == ["service.db.damaged-1"]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("jobs", ("id", None, "queued", 0, 1, 0, b"{")),
        ("jobs", ("id", None, "queued", 0, 1, 0, b"\xff" * 9)),
        ("jobs", ("id", None, "queued", 0, 1, 0, b"[" * 100_000)),
        ("folders", ("id", "relative")),
        ("projects", ("id", "/a\0b")),
    ],
)
def test_an_odd_row_is_left_out(tmp_path, table, row):
    database = Database(tmp_path / "service.db")
    kept = database.add_job(new_job("qc", project="p"), None)
    database.close()
    with sqlite3.connect(tmp_path / "service.db") as raw:
        raw.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)
    raw.close()
    again = Database(tmp_path / "service.db")
    assert again.jobs() == [kept]
    assert again.folders() == again.projects() == {}
    again.close()


def test_a_commit_that_fails_keeps_the_job_and_is_made_up_for(tmp_path):
    """A full disk for 25 seconds left a job running for ever."""
    database = Database(tmp_path / "service.db")
    records, job = JobRecords(database), new_job("qc", project="p")
    pages = database._connection.execute("PRAGMA page_count").fetchone()[0]
    database._connection.execute(f"PRAGMA max_page_count={pages}")
    big = replace(job, spec={"x": "y" * 9000})
    assert records.add(big, "key") == big
    records.save(big)
    assert database.jobs() == []
    database._connection.execute("PRAGMA max_page_count=100000")
    records.close()
    assert database.jobs() == [big]
    database.close()


def test_a_history_with_an_endless_view_is_set_aside(tmp_path):
    path = tmp_path / "project.db"
    with sqlite3.connect(path) as raw:
        raw.execute(
            "CREATE VIEW facts AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
            " SELECT 'made' AS name, x AS value FROM n"
        )
    raw.close()
    assert is_damaged(path, {"edits", "facts"})
    assert History(path).facts() == {}
    assert (tmp_path / "project.db.damaged-1").is_file()


@pytest.mark.parametrize("kind", ["cut", "flipped", "zeros", "text"])
def test_a_damaged_history_only_loses_undo(tmp_path, kind, dubbed):
    path = tmp_path / "project.db"
    script = store.load_script(dubbed / "script.json")
    history = History(path)
    history.push(script, script, 5)
    path.write_bytes(damaged(kind, path.read_bytes()))
    again = History(path)
    again.facts()
    again.push(script, script, 6)
    assert again.able() == (True, False)


def test_a_history_of_somebody_else_puts_no_path_into_the_script(tmp_path, dubbed):
    script = store.load_script(dubbed / "script.json")
    history = History(tmp_path / "project.db")
    history.push(script, script, 5)
    line = script.lines[0]
    take = type(line.takes[0])(**{**_fields(line.takes[0]), "file": "../../outside.wav"})
    state = UndoState(lines=(type(line)(**{**_fields(line), "takes": (take,)}),))
    with sqlite3.connect(tmp_path / "project.db") as raw:
        raw.execute("UPDATE edits SET state = ?", (store.encode_json(state),))
    raw.close()
    assert history.step(script, 6, redo=False) is None


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


DAMAGE = {
    "no frame rate": lambda root: _replace(
        root / "script.json", b'"frame_rate": ', b'"frame_rate": "1/0", "x": '
    ),
    "half a script": lambda root: (root / "script.json").write_bytes(b'{"version": 1, "scr'),
    "settings": lambda root: (root / "settings.toml").write_bytes(b"[[["),
    "history": lambda root: (root / "project.db").write_bytes(b"no database" * 99),
    "no script": lambda root: (root / "script.json").unlink(),
    "a folder for a script": lambda root: ((root / "script.json").unlink(), (root / "script.json").mkdir()),
}


def _replace(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))


def test_one_project_spoils_nothing_for_the_others(dubbed, media, service):
    """Each damaged project is left out of the list or shown; the list and the good one stay."""
    good = service.call("POST", "/projects", {"path": str(shutil.copytree(dubbed, media / "good.rythmo"))})
    for name, damage in DAMAGE.items():
        root = Path(shutil.copytree(dubbed, media / f"{name.replace(' ', '-')}.rythmo"))
        opened = service.call("POST", "/projects", {"path": str(root)})
        damage(root)
        status, found = service.ask("GET", f"/projects/{opened['id']}")
        assert status < 500, (name, found)
        assert good["id"] in {one["id"] for one in service.call("GET", "/projects")}
        assert service.call("GET", f"/projects/{good['id']}")["lines"]


def test_a_code_opens_the_page_once(service):
    """The token stood in the list of processes, in the address that the browser was started with."""
    code = service.call("POST", "/codes")["code"]
    asked = json.dumps({"code": code}).encode()
    headers = {"Content-Type": "application/json"}
    status, _, found = service.raw("POST", "/api/v1/enter", asked, headers)
    assert (status, json.loads(found)["token"]) == (200, service.token)
    assert service.raw("POST", "/api/v1/enter", asked, headers)[0] == 401
    assert service.raw("POST", "/api/v1/enter", b'{"code": "x"}', headers)[0] == 401
    assert service.raw("POST", "/api/v1/codes", b"", {})[0] == 401


def test_sockets_that_say_nothing_do_not_silence_the_service(service):
    """1100 of them kept everybody out for two minutes."""
    resource = pytest.importorskip("resource")
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 3000:
        pytest.skip("this system lets a process open too few sockets to try it")
    address = ("127.0.0.1", service.port)
    silent = [socket.socket() for _ in range(1030)]
    try:
        for one in silent:
            one.settimeout(5)
            with suppress(OSError):
                one.connect(address)
        began = time.monotonic()
        assert service.call("GET", "/service")["ready"]
        assert time.monotonic() - began < 30, "it was two minutes"
    finally:
        for one in silent:
            one.close()


@pytest.mark.parametrize(
    "head",
    [
        b"GET http://[::1 HTTP/1.1", b"GET //[x HTTP/1.1", b"\x00\x01", b"GET / HTTP/9.9", b"NONSENSE",
        b"GET [::1]:80 HTTP/1.1",
    ],
)  # fmt: skip
def test_a_malformed_head_is_answered_in_one_line(service, head, caplog):
    with socket.create_connection(("127.0.0.1", service.port), 10) as raw:
        raw.sendall(head + b"\r\nHost: x\r\n\r\n")
        assert raw.recv(12).startswith(b"HTTP/1.")
    assert "uncaptured" not in caplog.text


@pytest.mark.parametrize("token", ["a\nb", "a\rb", "é"])
def test_an_odd_letter_is_answered(service, tmp_path, token):
    box = file_mailbox.mailbox_folder(tmp_path)
    box.mkdir()
    letter = {"token": token, "method": "GET", "path": "/api/v1/service"}
    (box / "x.question").write_text(json.dumps(letter))
    assert file_mailbox.answer_questions(service.app, tmp_path, f"http://127.0.0.1:{service.port}") == 1
    assert json.loads((box / "x.answer").read_bytes())["status"] in (400, 401)
