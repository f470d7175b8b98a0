"""Writes Pro Tools session texts, in the form of one that a user of Pro Tools published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rythmo.timebase import format_timecode, time_reference
from rythmo_bridge.timeline import Kind, Timeline

STAMPED = (
    "CHANNEL \tEVENT   \tCLIP NAME                     \tSTART TIME    \tEND TIME      \tDURATION      "
    "\tTIMESTAMP         \tSTATE"
)
PLAIN = STAMPED.replace("TIMESTAMP         \t", "")


@dataclass(frozen=True)
class Row:
    """A clip in the text's own words for positions."""

    name: str
    start: str
    end: str
    timestamp: str = ""
    muted: bool = False


@dataclass(frozen=True)
class SessionTrack:
    """A track; `width` is what Pro Tools adds to its name, `channels` how often each clip is listed."""

    name: str
    rows: Sequence[Row]
    width: str = ""
    channels: int = 1
    state: str = ""


@dataclass(frozen=True)
class SessionTextOf:
    """What a text is written of."""

    tracks: Sequence[SessionTrack]
    start: str = "01:00:00:00"
    form: str = "25 Frame"
    name: str = "Scene"
    sample_rate: str = "48000.000000"
    files: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    markers: Sequence[tuple[str, str, str]] = ()
    stamped: bool = True
    newer_markers: bool = False

    def write(self) -> str:
        """The text."""
        lines = [
            f"SESSION NAME:\t{self.name}",
            f"SAMPLE RATE:\t{self.sample_rate}",
            "BIT DEPTH:\t24-bit",
            f"SESSION START TIMECODE:\t{self.start}",
            f"TIMECODE FORMAT:\t{self.form}",
            f"# OF AUDIO TRACKS:\t{len(self.tracks)}",
            f"# OF AUDIO CLIPS:\t{sum(len(t.rows) for t in self.tracks)}",
            f"# OF AUDIO FILES:\t{len(self.files)}",
            *("", ""),
        ]
        if self.files:
            rows = [f"{name} \t{place}" for name, place in self.files.items()]
            lines += ["O N L I N E  F I L E S  I N  S E S S I O N", "", "Filename \tLocation", *rows, "", ""]
        if self.sources:
            rows = [f"{name} \t{file} \t[1]" for name, file in self.sources.items()]
            lines += [
                "O N L I N E  C L I P S  I N  S E S S I O N",
                "",
                "CLIP NAME \tSource File",
                *rows,
                "",
                "",
            ]
        lines.append("T R A C K  L I S T I N G")
        for track in self.tracks:
            lines += self._track(track)
        if self.markers:
            lines += ["", "M A R K E R S  L I S T I N G"]
            more = "TRACK NAME \tTRACK TYPE \t" if self.newer_markers else ""
            lines.append(f"#   \tLOCATION     \tTIME REFERENCE    \tUNITS    \tNAME \t{more}COMMENTS")
            between = "Markers \tRuler \t" if self.newer_markers else ""
            for number, (at, name, comment) in enumerate(self.markers, start=1):
                lines.append(f"{number}   \t{at}  \t0           \tSamples  \t{name}  \t{between}{comment}")
        return "\n".join(lines) + "\n"

    def _track(self, track: SessionTrack) -> list[str]:
        lines = [
            f"TRACK NAME:\t{track.name}{track.width}",
            "COMMENTS:\t",
            "USER DELAY:\t0 Samples",
            f"STATE: {track.state}",
            "PLUG-INS: ",
            STAMPED if self.stamped else PLAIN,
        ]
        for channel in range(1, track.channels + 1):
            for number, row in enumerate(track.rows, start=1):
                stamp = [f"{row.timestamp:<18}"] if self.stamped else []
                cells = [
                    f"{channel:<8}",
                    f"{number:<8}",
                    f"{row.name:<30}",
                    f"{row.start:>14}",
                    f"{row.end:>14}",
                ]
                cells += [f"{'0':>14}", *stamp, "Muted" if row.muted else "Unmuted"]
                lines.append("\t".join(cells))
        return [*lines, "", ""]


def text_of_timeline(timeline: Timeline, *, stamped: bool = True) -> SessionTextOf:
    """The text that Pro Tools writes of a session with a timeline's sound tracks, in samples."""
    origin = time_reference(timeline.start_frame, timeline.frame_rate)
    tracks = []
    for track in timeline.tracks_of(Kind.AUDIO):
        rows = []
        for item in track.items:
            media = timeline.media_of(item)
            stamp = (media.start if media else 0) + item.source - origin
            rows.append(Row(item.name, str(item.start), str(item.end), str(stamp), muted=not item.enabled))
        tracks.append(SessionTrack(track.name, rows, state="" if track.enabled else "Muted"))
    start = format_timecode(timeline.start_frame, timeline.frame_rate, drop=timeline.drop)
    form = f"{round(float(timeline.frame_rate), 3):g} {'Drop ' if timeline.drop else ''}Frame"
    return SessionTextOf(tracks, start=start, form=form, stamped=stamped)
