"""kill -9 of the service at 30 seeded moments of a job: nothing lost, nothing left, nothing paid twice."""

from __future__ import annotations

import hashlib
import os
import random
import select
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import service_to_kill
import toy
from filelock import FileLock

KILLS = 30
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


def fingerprints(root: Path) -> dict[str, str]:
    """All that a user takes away, by content, without the place that it lies in."""
    place = str(root.resolve().parent).encode()
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes().replace(place, b"")).hexdigest()
        for folder in ("stems", "takes", "deliver", "qc")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    }


class Nursery:
    """Forks services and hears what they say."""

    def __init__(self) -> None:
        command = [sys.executable, service_to_kill.__file__]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

        self.alive = 0

    def start(self, home: Path, film: Path, out: Path) -> None:
        self.process.stdin.write(f"{home}\t{film}\t{out}\n".encode())
        self.alive = 0
        while self.alive == 0:
            # The last one may have said something more while it was being killed.
            pid, word = self._said(60) or (0, "")
            assert pid, "no service began"
            self.alive = pid if word == "begun" else 0

    def hear(self, seconds: float) -> str:
        """The next word of the service that was started last, or "" when none comes in time."""
        _, word = self._said(seconds) or (0, "")
        return word

    def kill(self) -> bool:
        """Whether it was still there to be killed."""
        try:
            os.kill(self.alive, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def _said(self, seconds: float) -> tuple[int, str] | None:
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        if not ready:
            return None
        pid, word = self.process.stdout.readline().decode().split()
        return int(pid), word

    def close(self) -> None:
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def film(tmp_path):
    """Fourteen lines, no two of them the same words."""
    scene = [(n % 3, 20_011 + n * 70_001, 20_000 + n * 2_880) for n in range(14)]
    return toy.write_sound(tmp_path / "toy.wav", scene=scene, length=1_020_000)


@pytest.fixture
def nursery():
    found = Nursery()
    yield found
    found.close()


def finished(nursery: Nursery, home: Path, film: Path, out: Path) -> dict[str, str]:
    nursery.start(home, film, out)
    word = nursery.hear(120)
    while word == "working":
        word = nursery.hear(120)
    assert word == "done"
    return fingerprints(out / "toy.rythmo")


def bill(home: Path) -> Counter[str]:
    return Counter(Path(f"{home}.bill").read_text().splitlines())


@pytest.mark.slow
def test_thirty_kills_lose_nothing_leave_nothing_and_cost_nothing(nursery, film, tmp_path):
    moments = random.Random(6)
    outs = [tmp_path / f"out{number}" for number in range(KILLS + 1)]
    for out in outs:
        out.mkdir()
    wanted = finished(nursery, tmp_path / "undisturbed", film, outs[-1])
    asked = bill(tmp_path / "undisturbed")
    assert set(asked.values()) == {1} and len(asked) > 15
    killed = hit = number = 0
    begun = []
    while killed < KILLS:
        home = tmp_path / f"home{number}"
        nursery.start(home, film, outs[number])
        begun.append(number)
        # Some die before their worker has begun, the others somewhere in the work.
        word = nursery.hear(60 if moments.random() < 0.9 else moments.uniform(0.0, 0.3))
        if word == "working":
            word = nursery.hear(moments.uniform(0.0, 0.5))
            hit += word == ""
        if word == "done" or not nursery.kill():
            number += 1
            continue
        killed += 1
    assert hit >= KILLS // 2, "most kills must hit work that is under way"
    for number in sorted(set(begun)):
        home = tmp_path / f"home{number}"
        assert finished(nursery, home, film, outs[number]) == wanted
        assert bill(home) == asked, "an engine that costs money was asked the same twice"
        for lane in home.glob("worker-*.lock"):
            FileLock(lane).acquire(timeout=60).lock.release()  # its worker has ended
        assert not list((outs[number]).rglob("*.part"))
