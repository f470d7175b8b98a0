"""A dubbed project on disk and a fake Pro Tools to send it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from dubbed_script import make_script, on_disk
from fake_protools import FakeProTools, Manners, running
from fake_protools_session import RATES, FakeSession

from rythmo.media.wav import WavReader
from rythmo.progress import NEVER, CancelToken, ignore_progress
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo.timebase import format_timecode, time_reference
from rythmo_bridge.formats.session_text.times import make_clock
from rythmo_plugin.hosts.protools.connection import Connection
from rythmo_plugin.hosts.protools.placing import Manner
from rythmo_plugin.hosts.protools.send import SendOptions, SendResult, send_project


@dataclass
class Stage:
    """A project, and a Pro Tools with an open session that fits it."""

    script: Script
    root: Path
    fake: FakeProTools

    def send(self, *, cancel: CancelToken = NEVER, report=ignore_progress, **options: object) -> SendResult:
        """Send the project, without waiting anywhere."""
        connect = partial(Connection, pause=lambda _: None)
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


def fitting_session(script: Script, early: int | None = None) -> FakeSession:
    """A session of the programme's rate that starts `early` frames before it (ten seconds, unless told)."""
    programme = script.programme
    words = f"{round(float(programme.rate), 3):g}{' Drop' if programme.drop else ''}"
    rate = next(number for number, told in RATES.items() if told == words)
    first = programme.start_frame - (10 * round(programme.rate) if early is None else early)
    return FakeSession(rate=rate, start=format_timecode(first, programme.rate, drop=programme.drop))


def require_every_line_on_its_sample(script: Script, root: Path, session: FakeSession) -> int:
    """What plays in the session is, sample for sample, what the project placed, at its sample; the lines."""
    programme = script.programme
    clock = make_clock("48000", session.start, f"{RATES[session.rate]} Frame")
    offset = time_reference(programme.start_frame, programme.rate) - clock.start_reference
    there = {clip.clip.name.partition("_t")[0]: clip for track in session.tracks for clip in track.clips}
    lines = [line for line in script.lines if line.take and line.placement]
    for line in lines:
        clip = there[line.id]
        length = line.placement.end - line.placement.start
        assert (clip.at - offset, clip.clip.length) == (line.placement.start, length), line.id
        placed = root / "takes" / "placed" / Path(line.take.file).name
        with WavReader(session.files[clip.clip.file]) as got, WavReader(placed) as meant:
            found = got.read_int(clip.clip.start, length)
            assert np.array_equal(found, meant.read_int((meant.length - length) // 2, length)), line.id
    return len(lines)
