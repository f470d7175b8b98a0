"""Stops, kills and full disks at seeded moments of a service that works; what a user finds at the next start.

    python tests/support/interruptions.py [--stops 200] [--kills 100] [--full 60] [--seed 1]

One project goes through all of them. Each round opens it and edits lines. Within a second the job or the
service is stopped, the service or a worker is killed with SIGKILL, or the disk of the home, the project or
the scratch folder is full for a while. At the next start every edit that was answered must be there, an edit
must come to its take within the limit, and no temporary file, folder or process may be left. The engines are
tones that cost money: none may be asked the same thing twice, unless the call that was under way was stopped
with its job, went down with a killed worker or could not be stored. In every tenth round the service is only
stopped after its work: that says how long a take takes with the start of a service and a worker.

Full disks need small file systems, which only root can mount.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from service_under_test import Client

from rythmo.dubbing import pipeline
from rythmo.engines import fakes
from rythmo.settings import DeliverSettings, Settings

LONGEST_SECONDS = 5.0
"""How much longer than undisturbed an edit may wait for its take."""
PATIENCE_SECONDS = 30.0
SIZES = {"home": 6, "out": 400, "scratch": 6}
"""The small file systems, in MB."""
NOTHING = "nothing"
STOPS = ("stop the job", "stop the service")
KILLS = ("kill the service", "kill a worker")
FULL = tuple(f"full disk: {name}" for name in SIZES)
LOSING = ("stop the job", "kill a worker", *FULL)
"""What may cost a call that was under way."""
_TOKEN = "the-token-of-the-tests"
_SERVICE = Path(__file__).with_name("service_to_interrupt.py")


@dataclass
class Tally:
    """What happened, by kind of interruption."""

    rounds: Counter[str] = field(default_factory=Counter)
    faults: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    lost_calls: int = 0
    """Calls paid for twice, because a job was stopped, a worker was killed or a disk was full."""

    def fault(self, kind: str, text: str) -> None:
        self.faults.setdefault(kind, []).append(text)

    def table(self) -> str:
        rows = [f"{'interruption':24} rounds  faults  take: median / longest s"]
        for kind, count in self.rounds.items():
            times = sorted(self.seconds.get(kind, [0.0]))
            middle, longest = times[len(times) // 2], times[-1]
            rows.append(
                f"{kind:24} {count:6}  {len(self.faults.get(kind, ())):6}  {middle:6.2f} / {longest:.2f}"
            )
        return "\n".join(
            [
                *rows,
                f"{self.lost_calls} paid calls went down with a stopped job, a killed worker or a full disk",
            ]
        )


class Services:
    """Forks services on request: loading Python and numpy for each would take minutes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        environment = {**os.environ, "TMPDIR": str(root / "scratch"), "RYTHMO_HOME": str(root / "home")}
        self._nursery = subprocess.Popen(
            [sys.executable, str(_SERVICE), str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.pid = 0
        self.client = Client(0)

    def project(self) -> Path:
        """The project that was dubbed; asked for once, before the first start."""
        assert self._nursery.stdout is not None
        return Path(self._nursery.stdout.readline().strip())

    def start(self) -> None:
        assert self._nursery.stdin is not None and self._nursery.stdout is not None
        self._nursery.stdin.write("start\n")
        self._nursery.stdin.flush()
        self.pid, port = map(int, self._nursery.stdout.readline().split())
        self.client = Client(port, _TOKEN)

    def end(self, number: int) -> None:
        os.kill(self.pid, number)
        gone = time.monotonic() + 30
        while Path(f"/proc/{self.pid}").exists() and time.monotonic() < gone:
            time.sleep(0.005)

    def workers(self) -> list[int]:
        """The workers of the service that is running now."""
        return [pid for pid in self.all_workers() if _parent(pid) == self.pid]

    def all_workers(self) -> list[int]:
        mark = str(self.root / "socket")
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and "forked_worker" in (words := (entry / "cmdline").read_text()):
                    found += [int(entry.name)] if mark in words else []
        return found

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.end(signal.SIGKILL)
        self._nursery.kill()
        self._nursery.communicate()


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


class Editor:
    """Edits the project as the page does, and knows what was answered."""

    def __init__(self, services: Services, project: Path, chance: random.Random, tally: Tally) -> None:
        self.services, self.project, self.chance, self.tally = services, project, chance, tally
        self.kept: dict[str, str] = {}
        self.doubtful: dict[str, set[str]] = {}
        self._number = 0
        self.kind = NOTHING
        self.refused = ""
        self.told: dict[str, str] = {}
        """Each text, with the interruption of its round."""
        self.id = ""

    def open(self) -> None:
        found = self.services.client.call("POST", "/projects", {"path": str(self.project)})
        self.id = found["id"]
        self.lines = {line["id"]: line["translation"] for line in found["lines"]}

    def lost(self) -> list[str]:
        """The lines that do not say what was last answered."""
        wrong = []
        for line, text in self.kept.items():
            if self.lines[line] != text and self.lines[line] not in self.doubtful.get(line, ()):
                wrong.append(f"{line} says {self.lines[line]!r}, not {text!r}")
            self.kept[line] = self.lines[line]
        self.doubtful.clear()
        return wrong

    def edit(self) -> str | None:
        """Change one line; the job of its take, or None when nothing was answered or the disk was full."""
        line = self.chance.choice(list(self.lines))
        self._number += 1
        text = f"n{self._number}"  # short takes: a run makes a thousand of them
        self.told[text] = self.kind
        self.doubtful.setdefault(line, set()).add(text)
        try:
            status, said = self.services.client.ask(
                "PATCH", f"/projects/{self.id}/lines/{line}", {"translation": text}
            )
        except (OSError, http.client.HTTPException, ValueError):
            return None
        if status >= 400:
            self.refused = str(said)
            if "defect" in self.refused:
                self.tally.fault("edits", self.refused)
            return None
        self.kept[line] = text
        self.doubtful.pop(line, None)
        return said["job"]["id"] if said["job"] else None

    def wait(self, job: str, seconds: float) -> str:
        """The job's state, once it has ended or the time is over."""
        end = time.monotonic() + seconds
        while True:
            state = self.services.client.call("GET", f"/jobs/{job}")["state"]
            if state not in ("queued", "running") or time.monotonic() > end:
                return str(state)
            time.sleep(0.02)

    def quiet(self, seconds: float) -> bool:
        """Whether nothing is open any more within that time."""
        end = time.monotonic() + seconds
        while any(job["state"] in ("queued", "running") for job in self.services.client.call("GET", "/jobs")):
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True


def interrupt(kind: str, services: Services, editor: Editor, jobs: list[str], filler: Filler) -> bool:
    """Do it; whether the service must be started anew."""
    if kind == NOTHING:
        editor.quiet(PATIENCE_SECONDS)
    if kind == "stop the job":
        for job in jobs:
            services.client.ask("DELETE", f"/jobs/{job}")
        return False
    if kind == "kill a worker":
        for pid in services.workers():
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        return False
    if kind.startswith("full disk"):
        with filler.full(kind.partition(": ")[2]):
            for _ in range(3):
                editor.edit()
                time.sleep(editor.chance.uniform(0.0, 0.5))
        services.end(editor.chance.choice((signal.SIGTERM, signal.SIGKILL)))
        return True
    services.end(signal.SIGKILL if kind == "kill the service" else signal.SIGTERM)
    return True


class Filler:
    """Small file systems for the three folders, which can be filled."""

    def __init__(self, root: Path, *, mounted: bool) -> None:
        self.root, self.mounted = root, mounted
        for name, size in SIZES.items():
            (root / name).mkdir(mode=0o700)
            if mounted:
                subprocess.run(
                    ["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", root / name], check=True
                )

    @contextlib.contextmanager
    def full(self, name: str) -> Iterator[None]:
        path = self.root / name / "filler"
        with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            for size in (1 << 20, 1 << 12, 1 << 6):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)):
                        pass
        try:
            yield
        finally:
            path.unlink()

    def close(self) -> None:
        for name in SIZES if self.mounted else ():
            subprocess.run(["umount", "-l", self.root / name], check=False)


def may_mount() -> bool:
    """Whether small file systems can be mounted here."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as name:
        made = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", name], check=False, capture_output=True)
        if made.returncode == 0:
            subprocess.run(["umount", name], check=False)
        return made.returncode == 0


def left_over(root: Path, services: Services) -> list[str]:
    """Temporary files and folders, and workers of services that are no more."""
    files = [*(root / "home").rglob("*.part"), *(root / "out").rglob("*.part")]
    files += [*(root / "out").rglob(".patch"), *(root / "scratch").glob("rythmo-*")]
    orphans = [f"process {pid}" for pid in services.all_workers() if _parent(pid) != services.pid]
    return [*map(str, files), *orphans]


def try_interruptions(
    root: Path, plan: list[str], seed: int, tell: Callable[[str], object] = lambda _: None
) -> Tally:
    """Go through the plan, one interruption after the other. `tell` hears how far it is, now and then."""
    chance, tally = random.Random(seed), Tally()
    filler = Filler(root, mounted=any(kind in FULL for kind in plan))
    try:
        services = Services(root)
        try:
            project = services.project()
            editor = Editor(services, project, chance, tally)
            _go_through(plan, services, editor, filler, tell)
        finally:
            services.close()
        _compare_stems(root, project, tally)
        _audit(root / "bill", editor, tally)
    finally:
        filler.close()
    return tally


def _go_through(
    plan: list[str], services: Services, editor: Editor, filler: Filler, tell: Callable[[str], object]
) -> None:
    before, must_start = NOTHING, True
    for number, kind in enumerate([*plan, "the end"]):
        if number % 40 == 39:
            tell(f"{number} of {len(plan)}\n{editor.tally.table()}\n{editor.tally.faults}")
        if must_start:
            services.start()
        editor.kind = before
        _look(before, services, editor)
        if kind == "the end":
            return
        editor.tally.rounds[kind] += 1
        editor.kind = before = kind
        jobs = [job for _ in range(editor.chance.randrange(1, 4)) if (job := editor.edit())]
        time.sleep(editor.chance.uniform(0.0, 1.0))
        must_start = interrupt(kind, services, editor, jobs, filler)


def _look(kind: str, services: Services, editor: Editor) -> None:
    """What a user finds after an interruption."""
    tally = editor.tally
    editor.open()
    for text in editor.lost():
        tally.fault(kind, f"lost: {text}")
    began = time.monotonic()
    job = editor.edit()
    state = editor.wait(job, PATIENCE_SECONDS) if job else f"not accepted: {editor.refused}"
    tally.seconds.setdefault(kind, []).append(time.monotonic() - began)
    if state != "done":
        tally.fault(kind, f"the take of an edit is {state}")
    if not editor.quiet(PATIENCE_SECONDS):
        tally.fault(kind, "a job does not end")
    for text in left_over(services.root, services):
        tally.fault(kind, f"left over: {text}")


def _compare_stems(root: Path, project: Path, tally: Tally) -> None:
    """The stems must be those that a whole mix of the script gives."""
    with mock.patch.dict(os.environ, {"RYTHMO_HOME": str(root / "home")}):
        settings = Settings(deliver=DeliverSettings("otio,srt"))
        opened = pipeline.Project(project)
        pipeline.redo(opened, opened.load(), settings, engines=fakes.specs())
        before = {path.name: path.read_bytes() for path in (project / "stems").glob("*.wav")}
        shutil.rmtree(project / "stems")
        pipeline.redo(opened, opened.load(), settings, engines=fakes.specs())
    after = {path.name: path.read_bytes() for path in (project / "stems").glob("*.wav")}
    if before != after:
        tally.fault("stems", "they differ from a whole mix")


def _audit(bill: Path, editor: Editor, tally: Tally) -> None:
    """Nothing is paid for twice but what was stopped under way, or could not be stored."""
    for line, count in Counter(bill.read_text().splitlines()).items():
        text = line.partition("text='")[2].partition("'")[0]
        kind = editor.told.get(text, NOTHING)
        if count > 1 and kind in LOSING:
            tally.lost_calls += count - 1
        elif count > 1:
            tally.fault(kind, f"paid for {count} times: {text!r}")
    usual = sorted(tally.seconds.get(NOTHING, [0.0]))
    for kind, times in tally.seconds.items():
        if max(times) > usual[len(usual) // 2] + LONGEST_SECONDS:
            tally.fault(kind, f"a take came after {max(times):.1f} s")


def plan_of(stops: int, kills: int, full: int, seed: int) -> list[str]:
    """That many of each, in a seeded order."""
    every: list[tuple[tuple[str, ...], int]] = [(STOPS, stops), (KILLS, kills), (FULL, full)]
    plan = [kinds[number % len(kinds)] for kinds, count in every for number in range(count)]
    plan += [NOTHING] * max(1, len(plan) // 10)
    random.Random(seed).shuffle(plan)
    return plan


def main_program() -> int:
    """Go through the interruptions and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, count in (("stops", 200), ("kills", 100), ("full", 60), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=count)
    asked: Any = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing stays mounted
    full = asked.full if may_mount() else 0
    with tempfile.TemporaryDirectory() as name:
        plan = plan_of(asked.stops, asked.kills, full, asked.seed)
        tally = try_interruptions(Path(name), plan, asked.seed, lambda text: print(text, flush=True))
    print(tally.table())
    for kind, texts in tally.faults.items():
        for text in texts:
            print(f"{kind}: {text}")
    return int(bool(tally.faults))


if __name__ == "__main__":
    sys.exit(main_program())
