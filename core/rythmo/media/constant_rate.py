"""Put a picture's packets back on the exact times of a constant frame rate."""

from __future__ import annotations

import errno
import itertools
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from rythmo.errors import MediaError
from rythmo.files import make_disk_full_error, make_printable
from rythmo.media import ffmpeg
from rythmo.media.media_info import MediaInfo
from rythmo.progress import NEVER, CancelToken

if TYPE_CHECKING:
    from av.packet import Packet as AvPacket
    from av.video.stream import VideoStream

    Packet = AvPacket[VideoStream]

# Packets to look ahead for frames that come out of order.
_LOOK = 256
# Containers that keep frame times as fractions of the frame rate.
_EXACT = ("mov", "mxf")


def is_rounded(info: MediaInfo) -> bool:
    """Tell whether the container rounds frame times: Matroska to 1 ms, MPEG-TS to 1/90000 s.

    An .mp4 with such times has a variable rate, which editing programs conform or refuse.
    """
    return info.video is not None and not info.video.variable_rate and not info.format.startswith(_EXACT)


def copy_retimed(info: MediaInfo, target: Path, muxer: str, *, cancel: CancelToken = NEVER) -> bool:
    """Copy the picture's packets, untouched, to `target` with frame n at exactly n / rate seconds.

    ffmpeg's own `setts` filter cannot do it: its results are still read in the source's time base (seen with
    9.0). Returns False, and leaves nothing of use in `target`, when there is not exactly one packet for each
    frame (separate fields, missing frames, no times). Raises MediaError, OutputError, CancelledError.
    """
    import av

    assert info.video is not None
    options = {"protocol_whitelist": "file", "format_whitelist": ffmpeg.FORMATS}
    rate = info.video.frame_rate
    try:
        with (
            av.open(ffmpeg.file_url(info.path), options=options) as source,
            av.open(ffmpeg.file_url(target), "w", format=muxer) as result,
        ):
            picture = next(s for s in source.streams.video if s.index == info.video.index)
            copy = result.add_stream_from_template(picture)
            copy.time_base = Fraction(1, rate.numerator)
            for packet, shown_at, decoded_at in number_packets(source.demux(picture), info.video.start, rate):
                cancel.check()
                packet.time_base = Fraction(1, rate.numerator)
                packet.pts, packet.dts = shown_at * rate.denominator, decoded_at * rate.denominator
                packet.duration = rate.denominator
                packet.stream = copy
                result.mux(packet)
    except UnevenError:
        return False
    except av.FFmpegError as error:
        if error.errno == errno.ENOSPC:
            raise make_disk_full_error(target) from error
        raise MediaError(
            f"The picture of {make_printable(info.path)} cannot be copied: {error.strerror}.",
            hint="Convert it to .mp4 first.",
        ) from error
    return True


class UnevenError(Exception):
    """There is not exactly one packet for each frame."""


def number_packets(
    packets: Iterable[Packet], start: Fraction, rate: Fraction
) -> Iterator[tuple[Packet, int, int]]:
    """Yield each packet with its frame's number in display order and in decoding order.

    Matroska stores no decoding times. They follow from the order of the packets, moved back by as much as the
    first packets need so that no frame is shown before it is decoded.
    """
    frames = (
        (packet, _frame_number(packet, start, rate))
        for packet in packets
        if packet.size  # an empty one comes last, to flush decoders
    )
    first = list(itertools.islice(frames, _LOOK))
    delay = max((order - frame for order, (_, frame) in enumerate(first)), default=0)
    missing: set[int] = set()
    upto = 0
    for order, (packet, frame) in enumerate(itertools.chain(first, frames)):
        if frame < order - delay or (frame < upto and frame not in missing):
            raise UnevenError
        missing.update(range(upto, frame))
        missing.discard(frame)
        upto = max(upto, frame + 1)
        if len(missing) > _LOOK:
            raise UnevenError
        yield packet, frame, order - delay
    if missing:
        raise UnevenError


def _frame_number(packet: Packet, start: Fraction, rate: Fraction) -> int:
    if packet.pts is None or packet.time_base is None:
        raise UnevenError
    return math.floor((packet.pts * Fraction(packet.time_base) - start) * rate + Fraction(1, 2))
