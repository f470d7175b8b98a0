"""The example, dubbed from inside a fake Resolve (Python, Lua) and a fake Premiere (the panel in Chromium),
and sent to a fake Pro Tools.

    python benchmarks/hosts_scene.py > docs/benchmarks/hosts.md
    python benchmarks/hosts_scene.py "Pro Tools"      only the rows of hosts whose name holds this

The service and its embedded engines are the real ones; the hosts are the fakes of the tests, because none of
the three runs where this is made. A line counts when what plays on the timeline is, sample for
sample, what the project placed, at its sample; the run fails at the first that is not.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import panel_stage  # noqa: E402 - found by the line above
import protools_stage  # noqa: E402 - found by the line above
import resolve_stage  # noqa: E402 - found by the line above
from fake_fusion_prefs import Fusion  # noqa: E402 - found by the line above
from fake_protools import FakeProTools, running  # noqa: E402 - found by the line above
from fake_resolve import Resolve  # noqa: E402 - found by the line above
from page_under_test import chromium  # noqa: E402 - found by the line above
from protools_stage import fitting_session  # noqa: E402 - found by the line above
from toy_service import host_service, profiles_of  # noqa: E402 - found by the line above

from rythmo.project.workspace import Project  # noqa: E402 - after the others
from rythmo.timebase import parse_timecode  # noqa: E402 - after the others
from rythmo_plugin.hosts.protools.send import SendOptions, send_project  # noqa: E402 - after the others

SCENE = ROOT / "examples" / "scene.mp4"
SECONDS = Fraction(65_940_875, 1_000_000)
CASES = [
    ("23.976", Fraction(24000, 1001), "01:00:00:00"),
    ("25", Fraction(25), "01:00:00:00"),
    ("29.97 drop", Fraction(30000, 1001), "01:00:00;00"),
    ("59.94", Fraction(60000, 1001), "01:00:00:00"),
    ("23.976", Fraction(24000, 1001), "00:00:00:00"),
    ("25", Fraction(25), "00:00:00:00"),
    ("29.97 drop", Fraction(30000, 1001), "00:00:00;00"),
    ("59.94", Fraction(60000, 1001), "00:00:00:00"),
]
HEAD = """# The example, dubbed from inside each host

`python benchmarks/hosts_scene.py`: the real service with its embedded engines dubs `examples/scene.mp4`
(66 s, three speakers, English to Spanish) for the fakes of the tests: Resolve, Premiere, Pro Tools. A line
counts when what plays on the timeline is, sample for sample, what the project placed, and begins on its
sample. Nothing here ran inside the real hosts. Pro Tools is sent the dubs of the Python script, in a session
that starts ten seconds before the programme (or with it, at 00:00:00:00).

| host and script | rate | start | lines on their sample | its last word |
|---|---|---|---|---|"""
Dub = Callable[[Fraction, str], tuple[int, str]]


@dataclass(frozen=True)
class Ways:
    """What a run needs: the service's folder, a folder for scripts, a browser."""

    home: Path
    scratch: Path
    browser: object

    def all(self) -> Iterator[tuple[str, Dub]]:
        """Each host's way to dub, by name."""
        yield "Resolve, Python script", partial(self.resolve, resolve_stage.by_python)
        for lua in ("luajit", "lua5.1"):
            if shutil.which(lua):
                yield (
                    f"Resolve, Lua script in {lua}",
                    partial(self.resolve, partial(resolve_stage.by_lua, lua=lua)),
                )
        if shutil.which("luajit"):
            sandboxed = partial(resolve_stage.by_lua, fusion=Fusion(profiles_of(self.home)))
            yield "Resolve 21.1 free, Lua script in its sandbox", partial(self.resolve, sandboxed)
        yield "Premiere, panel in Chromium", self.premiere
        yield "Pro Tools, over PTSL", self.protools

    def resolve(self, run: Callable[..., str], rate: Fraction, start: str) -> tuple[int, str]:
        """Lines on their sample, and the script's last word."""
        host = Resolve()
        host.film("Scene", SCENE, rate=rate, start=start)
        said = run(host, "Rythmo - Dub", self.home, self.scratch, **resolve_stage.WANTS)
        return resolve_stage.require_every_line_on_its_sample(host), said.strip().splitlines()[-1]

    def premiere(self, rate: Fraction, start: str) -> tuple[int, str]:
        """The same in the panel."""
        drop = ";" in start
        zero = int((3600 if start.startswith("01") else 0) * (rate if drop else round(rate)))
        sequence = panel_stage.Sequence(
            SCENE, rate, zero, frames=int(SECONDS * rate), drop=drop, name="Scene in Premiere"
        )
        with panel_stage.panel(self.browser, self.home, sequence) as panel:
            panel.dub(patience=600)
            assert not panel.text("wrong"), panel.text("trouble")
            return panel.require_every_line_on_its_sample(), panel.text("summary")

    def protools(self, rate: Fraction, start: str) -> tuple[int, str]:
        """The dub of such a timeline, sent to Pro Tools."""
        root = self.find_dub(rate, start)
        if root is None:
            self.resolve(resolve_stage.by_python, rate, start)
            root = self.find_dub(rate, start)
        assert root is not None
        script = Project(root).load()
        early = 10 * round(rate) if script.programme.start_frame else 0
        with running(FakeProTools(session=fitting_session(script, early))) as fake:
            sent = send_project(script, root, SendOptions(port=fake.port))
            assert sent.is_complete, sent.rows
            return protools_stage.require_every_line_on_its_sample(script, root, fake.session), sent.sentence

    def find_dub(self, rate: Fraction, start: str) -> Path | None:
        """The project of the dub of a timeline with this rate and start."""
        for path in self.home.parent.rglob("script.json"):
            programme = Project(path.parent).load().programme
            # A timeline does not always say that its timecode drops, so frames are compared.
            if (programme.rate, programme.start_frame) == (rate, parse_timecode(start, rate).frame):
                return path.parent
        return None


def main() -> None:
    """Print the table, or the rows of the hosts that the arguments name."""
    wanted = sys.argv[1:]
    os.environ["BROWSER"] = "true"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("home", "out", "scratch"):
            (folder / name).mkdir()
        worker = (sys.executable, "-m", "rythmo_plugin.service.worker")
        service = host_service(folder / "home", folder / "out", (SCENE.parent,), worker)
        settings = stack.enter_context(service)
        browser = stack.enter_context(chromium())
        if not wanted:
            print(HEAD)
        for name, dub in Ways(settings.home, folder / "scratch", browser).all():
            if wanted and not any(word in name for word in wanted):
                continue
            for rate, frames, start in CASES:
                lines, word = dub(frames, start)
                print(f"| {name} | {rate} | {start} | {lines} of {lines} | {word} |", flush=True)


if __name__ == "__main__":
    main()
