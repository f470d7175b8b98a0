"""A child process that dies, stalls or talks nonsense must not take its parent along."""

from __future__ import annotations

import pickle
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rythmo.engines.local.child_process import Worker, WorkerLostError, WorkerPool
from rythmo.errors import EngineFailedError

Make = Callable[..., WorkerPool]

_LOOP = """
import json, os, sys, time
out = sys.stdout.buffer
def answer(header, body=b""):
    out.write(json.dumps({**header, "bytes": len(body)}).encode() + b"\\n" + body); out.flush()
answer({"ready": True})
for line in sys.stdin.buffer:
    request = json.loads(line)
"""


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Make]:
    made: list[WorkerPool] = []

    def make(body: str, *, size: int = 1, start: str = _LOOP) -> WorkerPool:
        script = tmp_path / "ä folder with spaces" / "worker.py"
        script.parent.mkdir(exist_ok=True)
        script.write_text(start + textwrap.indent(textwrap.dedent(body), "    "), "utf-8")
        made.append(
            WorkerPool((sys.executable, "-I", "-S", str(script)), name="the test's worker", size=size)
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_answers_come_back_whole(pool: Make) -> None:
    echo = pool("answer({'text': request['text']}, bytes(request['count']))")
    for count in (0, 1, 1_000_000):
        header, body = echo.ask({"text": "größer\n", "count": count}, seconds=10)
        assert header["text"] == "größer\n"
        assert body == bytes(count)


def test_a_worker_that_dies_is_replaced_once(pool: Make, tmp_path: Path) -> None:
    mark = tmp_path / "died"
    dying = pool(f"""
        if not os.path.exists({str(mark)!r}):
            open({str(mark)!r}, "w").close(); os._exit(3)
        answer({{"pid": os.getpid()}})
    """)
    first = dying.ask({}, seconds=10)
    assert mark.exists()
    assert dying.ask({}, seconds=10) == first


def test_a_worker_that_always_dies_is_an_error_with_its_code(pool: Make) -> None:
    with pytest.raises(EngineFailedError, match=r"failed twice .*code 3") as caught:
        pool("os._exit(3)").ask({}, seconds=10)
    assert pickle.loads(pickle.dumps(caught.value)).message == caught.value.message


def test_a_worker_that_hangs_is_ended_at_the_deadline(pool: Make) -> None:
    with pytest.raises(EngineFailedError, match="gave no answer"):
        pool("time.sleep(1000)").ask({}, seconds=0.05)


@pytest.mark.parametrize("noise", [b"hello\\n", b'{"bytes": 100}\\nshort', b"[]\\n", b"\\xff\\xfe\\n"])
def test_nonsense_is_a_lost_worker(pool: Make, noise: bytes) -> None:
    body = f"out.write(b'{noise.decode('ascii')}'); out.flush(); os._exit(0)"
    with pytest.raises(EngineFailedError, match="failed twice"):
        pool(body).ask({}, seconds=10)


def test_an_error_of_the_worker_is_not_retried(pool: Make, tmp_path: Path) -> None:
    log = tmp_path / "log"
    failing = pool(f"open({str(log)!r}, 'a').write('x'); answer({{'error': 'no such voice'}})")
    with pytest.raises(EngineFailedError, match="no such voice"):
        failing.ask({}, seconds=10)
    assert log.read_text() == "x"


def test_a_worker_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(EngineFailedError, match="cannot start"):
        Worker((str(tmp_path / "nothing"),), name="it")
    code = 'import sys; print(\'{"error": "no data folder"}\')'
    with pytest.raises(EngineFailedError, match="no data folder"):
        Worker((sys.executable, "-c", code), name="it")


def test_secrets_stay_here(pool: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("SOMETHING_ELSE", "x")
    header, _ = pool("answer({'names': sorted(os.environ)})").ask({}, seconds=10)
    assert not {"OPENAI_API_KEY", "SOMETHING_ELSE"} & set(header["names"])


def test_many_threads_get_their_own_answers(pool: Make) -> None:
    echo = pool("answer({'n': request['n'], 'pid': os.getpid()})", size=2)
    found: dict[int, dict[str, int]] = {}

    def ask(n: int) -> None:
        found[n] = echo.ask({"n": n}, seconds=20)[0]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: header["n"] for n, header in found.items()} == {n: n for n in range(24)}
    assert len({header["pid"] for header in found.values()}) <= 2


def test_after_close_no_process_is_left_and_no_work_is_taken() -> None:
    worker = Worker((sys.executable, "-I", "-S", "-c", _LOOP + "    answer({})"), name="it")
    worker.ask({}, seconds=10)
    worker.close()
    with pytest.raises(WorkerLostError):
        worker.ask({}, seconds=10)
    with pytest.raises(ProcessLookupError):
        __import__("os").kill(worker.pid, 0)


def test_a_closed_pool_says_so(pool: Make) -> None:
    echo = pool("answer({})")
    echo.ask({}, seconds=10)
    echo.close()
    with pytest.raises(EngineFailedError, match="was closed"):
        echo.ask({}, seconds=10)
