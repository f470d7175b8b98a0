"""Read what a container's packets say about time. Only the first sound frames are decoded.

Headers are wrong or silent about lengths (Matroska gives none for its streams, MPEG-TS no frame counts). So
the packets themselves are read: all of them in files of moderate size, else the head and the tail.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet as AvPacket
    from av.stream import Stream

    Packet = AvPacket[Stream]

WHOLE_BELOW = 256 << 20
"""Files smaller than this many bytes are read whole (well under a second from any disk)."""

# Seconds for the head, and again for the tail: a probe must not take long, whatever the file holds.
_BUDGET = 3.0
# Seconds before the end that are read for the end's time.
_TAIL = 8.0
_HEAD_PACKETS = 600
# Packets to decode until a frame with a time comes.
_DECODE_TRIES = 64
_WRAPPED = 1 << 32


@dataclass(eq=False)
class Track:
    """The packets of one stream: times in ticks of `base`, in decoding order."""

    base: Fraction
    times: list[int] = field(default_factory=list)
    count: int = 0
    whole: bool = False
    end: int | None = None
    first: int | None = None
    key: int | None = None
    decoded: Fraction | None = None
    tries: int = 0

    def add(self, packet: Packet) -> None:
        """Record one packet's times."""
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None or packet.is_discard:
            return
        if self.key is None and packet.is_keyframe:
            self.key = at
        # Pictures that lead an open group's first key picture cannot be shown.
        if self.key is not None and at >= self.key:
            self.first = at if self.first is None else min(self.first, at)
        self.times.append(at)
        self.count += 1
        duration = int(packet.duration or 0)
        if duration >= _WRAPPED // 2:
            # The last packet of an Ogg stream reaches over its end: ffmpeg gives it a negative length, which
            # comes here as 2^32 less that.
            self.end = at + duration - _WRAPPED
            return
        end = at + duration
        self.end = end if self.end is None else max(self.end, end)

    @property
    def start_seconds(self) -> Fraction | None:
        """Start of the first shown picture or first heard sample, in the container's own time."""
        if self.decoded is not None:
            return self.decoded
        return None if self.first is None else self.first * self.base

    @property
    def end_seconds(self) -> Fraction | None:
        """End of the last packet, in the container's own time."""
        return None if self.end is None else self.end * self.base


def scan_packets(container: InputContainer, streams: Sequence[Stream], size: int) -> dict[int, Track]:
    """Return each stream's Track by stream index. Takes a few seconds at most, whatever the file holds."""
    tracks = {s.index: Track(Fraction(s.time_base or Fraction(1, 1000))) for s in streams}
    deadline = time.monotonic() + _BUDGET
    complete = _read(container, streams, tracks, deadline, whole=size < WHOLE_BELOW)
    if not complete:
        _read_tail(container, streams, tracks)
    for track in tracks.values():
        track.whole = complete
    return tracks


def _read(
    container: InputContainer,
    streams: Sequence[Stream],
    tracks: dict[int, Track],
    deadline: float,
    *,
    whole: bool,
) -> bool:
    """Read packets until the end (True), or until enough is known or the time is up (False)."""
    import av

    try:
        for packet in container.demux(*streams):
            track = tracks[packet.stream.index]
            track.add(packet)
            if packet.stream.type == "audio" and track.decoded is None and track.tries < _DECODE_TRIES:
                _decode_first(packet, track)
            if time.monotonic() > deadline or (not whole and _has_seen_enough(tracks.values())):
                return False
    except av.FFmpegError:
        pass  # Damage in the middle: what came before counts. _require_whole notices a missing end.
    return True


def _has_seen_enough(tracks: Iterable[Track]) -> bool:
    return all(track.count >= _HEAD_PACKETS for track in tracks)


def _decode_first(packet: Packet, track: Track) -> None:
    """Find the first heard sample. The decoder drops an encoder's priming, the packet's time does not."""
    import av

    track.tries += 1
    try:
        for frame in packet.decode():
            if isinstance(frame, av.AudioFrame) and frame.pts is not None and frame.time_base is not None:
                track.decoded = frame.pts * Fraction(frame.time_base)
                return
    except av.FFmpegError:
        return


def _read_tail(container: InputContainer, streams: Sequence[Stream], tracks: dict[int, Track]) -> None:
    import av

    length = container.duration or 0
    try:
        container.seek(max(0, int((container.start_time or 0) + length - _TAIL * 1e6)))
        deadline = time.monotonic() + _BUDGET
        for packet in container.demux(*streams):
            at = packet.pts if packet.pts is not None else packet.dts
            if at is not None and not packet.is_discard:
                track = tracks[packet.stream.index]
                track.end = max(track.end or 0, at + int(packet.duration or 0))
            if time.monotonic() > deadline:
                return
    except av.FFmpegError:
        return


def find_typical_step(track: Track) -> Fraction | None:
    """Return how long most frames last, in seconds; None where too few are known."""
    times = sorted(track.times)
    steps = sorted(b - a for a, b in itertools.pairwise(times) if b > a)
    return steps[len(steps) // 2] * track.base if len(steps) > 3 else None


def is_uneven(track: Track) -> bool:
    """Tell whether frames come at a variable rate: steps differ by more than the container's rounding."""
    times = sorted(track.times[: track.count if track.whole else _HEAD_PACKETS - 32])
    # The first and last steps may be cut by an edit list.
    steps = [b - a for a, b in itertools.pairwise(times[1:-1])]
    if len(steps) < 4:
        return False
    slack = max(2, round(Fraction(2, 1000) / track.base)) if track.base > Fraction(1, 2000) else 2
    typical = sorted(steps)[len(steps) // 2]
    odd = sum(abs(step - typical) > max(slack, typical // 50) for step in steps)
    return odd > len(steps) // 200
