"""The state of a placing: what is wanted, and what the host's timeline holds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rythmo_bridge.formats.reader_items import line_of
from rythmo_plugin.hosts import reports
from rythmo_plugin.hosts.clip_files import HostFiles
from rythmo_plugin.hosts.compare import Comparison, compare_layout
from rythmo_plugin.hosts.line_protocol import Step
from rythmo_plugin.hosts.reports import HostContent
from rythmo_plugin.hosts.session import Session, Talk
from rythmo_plugin.hosts.steps import LOOK, Pool
from rythmo_plugin.hosts.wanted_layout import Layout


@dataclass
class PlacementState:
    """What is known during a placing: the files, the host's tracks by wanted track, the content read last."""

    session: Session
    files: HostFiles
    landed: HostContent
    tracks: dict[str, list[int]]
    added: list[int] = field(default_factory=list)
    pool: Pool = field(default_factory=lambda: Pool({}))
    slack: int = 0
    """Frames that may be missing at a clip's end."""
    changed: frozenset[str] | None = None
    """After a conform: the only lines that Rythmo may touch (the M&E is "")."""

    @property
    def layout(self) -> Layout:
        """The wanted layout."""
        return self.files.layout

    def compared(self) -> Comparison:
        """Compare the layout with the timeline. After a conform, clips of other lines are the editor's."""
        found = compare_layout(
            self.layout, self.landed, self.tracks, str(self.files.folder), slack=self.slack
        )
        if self.changed is None:
            return found
        astray = (clip for clip in found.astray if (line_of(clip.file) or "") in self.changed)
        return replace(found, astray=tuple(astray))

    def look(self, *steps: Step) -> Talk:
        """Have the host do steps, then read its timeline back."""
        self.landed = reports.read_content((yield (*steps, LOOK)))
