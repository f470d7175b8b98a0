"""A dubbed project on disk and a fake Pro Tools to send it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dubbed_script import make_script, on_disk
from fake_protools import FakeProTools, Manners, running
from fake_protools_session import RATES, FakeSession

from rythmo.progress import NEVER, CancelToken, ignore_progress
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo.timebase import format_timecode, time_reference
from rythmo_bridge.formats.session_text.times import make_clock
from rythmo_plugin.hosts.protools.connection import Connection
from rythmo_plugin.hosts.protools.placing import Manner
from rythmo_plugin.hosts.protools.send import SendOptions, SendResult, send_project

# Deadlines of 20 s become 0.2 s.
QUICK = 0.01


@dataclass
class Stage:
    """A project, and a Pro Tools with an open session that fits it."""

    script: Script
    root: Path
    fake: FakeProTools

    def send(self, *, cancel: CancelToken = NEVER, report=ignore_progress, **options: object) -> SendResult:
        """Send the project, without waiting anywhere."""
        connect = partial(Connection, seconds=QUICK, pause=lambda _: None)
        return send_project(
            self.script,
            self.root,
            SendOptions(port=self.fake.port, **options),
            report=report,
            cancel=cancel,
            manner=Manner(patience=20, pause=lambda _: None),
            connect=connect,
        )

    def standing(self) -> dict[str, tuple[str, int, int]]:
        """Line -> track, first sample and end of its clip, in the programme's samples."""
        session = self.fake.session
        offset = self.offset()
        return {
            clip.clip.name.partition("_t")[0]: (track.name, clip.at - offset, clip.end - offset)
            for track in session.tracks
            for clip in track.clips
            if " alt " not in track.name
        }

    def offset(self) -> int:
        """Where the programme begins in the session."""
        programme = self.script.programme
        first = time_reference(programme.start_frame, programme.rate)
        return first - self.lead_start()

    def lead_start(self) -> int:
        """The session's first sample since midnight."""
        session = self.fake.session
        return make_clock("48000", session.start, f"{RATES[session.rate]} Frame").start_reference

    def wanted(self) -> dict[str, tuple[str, int, int]]:
        """What the script says."""
        names = {speaker.id: f"DX {speaker.name}" for speaker in self.script.speakers}
        found = {
            line.id: (names[line.speaker], line.placement.start, line.placement.end)
            for line in self.script.lines
        }
        return found | {"ME-" + self.bed_mark(): ("M&E", 0, self.script.programme.length)}

    def bed_mark(self) -> str:
        """The hash in the name of the M&E."""
        (path,) = (self.root / "deliver/es/protools/media").glob("ME-*.wav")
        return path.stem.removeprefix("ME-")

    def clips(self) -> list[str]:
        """The names of all placed clips."""
        return [clip.clip.name for track in self.fake.session.tracks for clip in track.clips]


@contextmanager
def make_stages(folder: Path) -> Iterator[Callable[..., Stage]]:
    """Make stages in a folder; their Pro Tools listens until the block ends."""
    with ExitStack() as stack:

        def make(
            manners: Manners | None = None,
            *,
            script: Script | None = None,
            session: bool = True,
            count: int = 6,
        ) -> Stage:
            script = script or make_script(count=count)
            root = folder / "toy.rythmo"
            on_disk(script, root)
            Project(root).save(script)
            opened = fitting_session(script) if session else None
            fake = stack.enter_context(running(FakeProTools(manners, opened)))
            return Stage(script, root, fake)

        yield make


def fitting_session(script: Script) -> FakeSession:
    """A session of the programme's rate that starts ten seconds before it."""
    programme = script.programme
    rate = next(
        n for n, words in RATES.items() if words == f"{float(programme.rate):.3f}".rstrip("0").rstrip(".")
    )
    first = programme.start_frame - 10 * round(programme.rate)
    return FakeSession(rate=rate, start=format_timecode(first, programme.rate, drop=False))
