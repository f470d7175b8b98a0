"""Join pieces of a picture that were encoded alike into one film, packet by packet."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from rythmo.errors import MediaError, OutputError
from rythmo.files import make_disk_full_error, make_printable
from rythmo.media import ffmpeg
from rythmo.media.constant_rate import UnevenError, number_packets
from rythmo.progress import NEVER, CancelToken

if TYPE_CHECKING:
    from rythmo.media.constant_rate import Packet


def join_pieces(
    pieces: Sequence[Path], rate: Fraction, target: Path, muxer: str, *, cancel: CancelToken = NEVER
) -> None:
    """Write the pictures of `pieces` one after the other to `target`: frame n is at exactly n / rate seconds.

    Nothing is encoded: each piece begins with a key frame and refers to nothing outside itself. The same
    pieces give the same bytes. Raises MediaError for pieces that cannot be read or were encoded differently,
    OutputError and CancelledError.
    """
    import av

    delay = max((_find_delay(piece, rate) for piece in pieces), default=0)
    base = 0
    try:
        with ExitStack() as stack:
            result = stack.enter_context(av.open(ffmpeg.file_url(target), "w", format=muxer))
            first = stack.enter_context(av.open(ffmpeg.file_url(pieces[0])))
            copy = result.add_stream_from_template(first.streams.video[0])
            copy.time_base = Fraction(1, rate.numerator)
            headers = first.streams.video[0].codec_context.extradata
            for piece in pieces:
                cancel.check()
                with av.open(ffmpeg.file_url(piece)) as source:
                    picture = source.streams.video[0]
                    if picture.codec_context.extradata != headers:
                        raise _make_error(piece, "it was encoded in another way")
                    count = 0
                    for packet, shown_at, _ in number_packets(source.demux(picture), Fraction(0), rate):
                        _place(packet, base + shown_at, base + count - delay, rate)
                        packet.stream = copy
                        result.mux(packet)
                        count += 1
                base += count
    except UnevenError as error:
        raise _make_error(pieces[0], "a piece does not have one packet for each frame") from error
    except av.FFmpegError as error:
        if error.errno == errno.ENOSPC:
            raise make_disk_full_error(target) from error
        raise OutputError(
            f"{make_printable(target.name)} cannot be put together: {error.strerror}.", hint="Run it again."
        ) from error


def _find_delay(piece: Path, rate: Fraction) -> int:
    """Return how many frames a piece decodes ahead of those that it shows."""
    import av

    try:
        with av.open(ffmpeg.file_url(piece)) as source:
            numbered = number_packets(source.demux(source.streams.video[0]), Fraction(0), rate)
            return max((order - decoded for order, (_, _, decoded) in enumerate(numbered)), default=0)
    except UnevenError as error:
        raise _make_error(piece, "it does not have one packet for each frame") from error
    except av.FFmpegError as error:
        raise _make_error(piece, str(error.strerror)) from error


def _place(packet: Packet, shown_at: int, decoded_at: int, rate: Fraction) -> None:
    packet.time_base = Fraction(1, rate.numerator)
    packet.pts, packet.dts = shown_at * rate.denominator, decoded_at * rate.denominator
    packet.duration = rate.denominator


def _make_error(piece: Path, why: str) -> MediaError:
    return MediaError(
        f"The piece {make_printable(piece.name)} of a film cannot be joined: {why}.",
        hint="Clear the cache of the project and make it again.",
    )
