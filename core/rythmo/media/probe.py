"""Probe a media file: read what it holds, once, into a frozen record (see media_info.py)."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from rythmo.errors import InputError, MediaError
from rythmo.files import make_printable
from rythmo.media import ffmpeg, input_check, packets, riff
from rythmo.media.media_info import AudioStream, MediaInfo, SubtitleStream, VideoStream
from rythmo.timebase import (
    SAMPLE_RATE,
    Timecode,
    parse_timecode,
    seconds_to_samples,
    snap_rate,
    time_reference,
)

if TYPE_CHECKING:
    from av.audio.stream import AudioStream as AvAudio
    from av.container import InputContainer
    from av.video.stream import VideoStream as AvVideo

# Containers whose headers say exactly how long a stream is.
_TRUSTED_LENGTHS = ("mov", "wav", "flac", "mxf", "aiff", "w64", "caf")
_OPEN_SECONDS = 4.0
_MAX_CHANNELS = 64
# Seconds by which the packets may fall short of the header.
_MISSING = Fraction(1, 2)
_STILL_CODECS = frozenset({"mjpeg", "png", "bmp", "gif", "webp", "tiff"})
_TEXT_SUBTITLES = frozenset({"subrip", "srt", "mov_text", "ass", "ssa", "webvtt", "text"})
_STANDARD_RATES = tuple(
    Fraction(*rate)
    for rate in (
        (24000, 1001),
        (24, 1),
        (25, 1),
        (30000, 1001),
        (30, 1),
        (48, 1),
        (50, 1),
        (60000, 1001),
        (60, 1),
    )
)
_MP3_PADDING = Fraction(8, 100)
# Seconds; what claims to be longer is damaged.
_LONGEST = 48 * 3600


def probe(path: Path, *, need_sound: bool = True) -> MediaInfo:
    """Read what one media file holds.

    Raises MediaError, within seconds, for anything that is not one readable media file with sound (a picture
    alone passes with `need_sound=False`). Never opens another file or a socket.
    """
    head = input_check.require_media(path)
    import av

    size = path.stat().st_size
    options = {"protocol_whitelist": "file", "format_whitelist": ffmpeg.FORMATS}
    try:
        with av.open(
            ffmpeg.file_url(path), options=options, timeout=_OPEN_SECONDS, metadata_errors="replace"
        ) as container:
            return _describe(path, container, size, head, need_sound=need_sound)
    except (av.FFmpegError, UnicodeError) as error:
        raise _unusable_error(path, error) from error


def _unusable_error(path: Path, error: Exception) -> MediaError:
    reason = getattr(error, "strerror", None) or str(error)
    return MediaError(
        f"{make_printable(path)} is not media that can be read: {make_printable(reason)}.",
        hint="If it plays elsewhere, convert it to .mp4 or .wav first; if not, it is damaged: copy it again.",
    )


def _describe(
    path: Path, container: InputContainer, size: int, head: bytes, *, need_sound: bool
) -> MediaInfo:
    picture = _find_picture(path, container)
    sounds = _find_sounds(path, container, need_sound=need_sound)
    if not sounds and picture is None:
        raise MediaError(f"{make_printable(path)} has neither picture nor sound.", hint="Give a media file.")
    streams: list[AvVideo | AvAudio] = [*([picture] if picture else []), *sounds]
    tracks = packets.scan_packets(container, streams, size)
    _require_whole(path, container, tracks)
    spans = {s.index: _find_span(container, s, tracks[s.index]) for s in streams}
    origin = spans[picture.index][0] if picture else min(spans[s.index][0] for s in sounds)
    video = _describe_video(picture, tracks[picture.index], spans[picture.index]) if picture else None
    if video and picture and _is_turned(container, picture):
        video = replace(video, width=video.height, height=video.width)
    audio = tuple(_describe_audio(path, s, spans[s.index], origin) for s in sounds)
    ends = [end for index, (_, end) in spans.items() if video is None or index != video.index]
    length = max([seconds_to_samples(end - origin) for end in ends] + ([video.duration] if video else []))
    if length <= 0 or length > _LONGEST * SAMPLE_RATE:
        raise MediaError(
            f"{make_printable(path)} claims an impossible length.", hint="The file is damaged: copy it again."
        )
    timecode = _find_timecode(container, video)
    reference = _find_time_reference(path, head, timecode)
    return MediaInfo(
        path,
        container.format.name,
        length,
        video,
        audio,
        timecode,
        reference,
        origin,
        _describe_subtitles(container),
        chapters=len(container.chapters()) if hasattr(container, "chapters") else 0,
    )


def _find_picture(path: Path, container: InputContainer) -> AvVideo | None:
    """Return the first moving picture; cover art, a picture of one frame beside the sound, is skipped."""
    from av.stream import Disposition

    still = Disposition.attached_pic | Disposition.timed_thumbnails
    moving = [s for s in container.streams.video if not s.disposition & still]
    known = [s for s in moving if _is_known(s)]
    if moving and not known:
        raise MediaError(
            f"The picture of {make_printable(path)} is in a format unknown here.",
            hint="Convert it to .mp4 first.",
        )
    # Covers that are not marked as such come before the film in some files.
    filmed = [s for s in known if s.codec_context.name not in _STILL_CODECS]
    return next(iter(filmed or known), None)


def _find_sounds(path: Path, container: InputContainer, *, need_sound: bool) -> list[AvAudio]:
    there = list(container.streams.audio)
    known = [s for s in there if _is_known(s) and s.rate]
    if need_sound and not there:
        raise MediaError(f"{make_printable(path)} has no sound.", hint="Give a file with an audio stream.")
    if need_sound and not known:
        raise MediaError(
            f"The sound of {make_printable(path)} is in a format unknown here.",
            hint="Convert it to WAV first.",
        )
    return known


def _is_known(stream: AvVideo | AvAudio) -> bool:
    """Tell whether there is a decoder. PyAV's types promise one; its streams of unknown codecs have none."""
    return getattr(stream, "codec_context", None) is not None


def _require_whole(path: Path, container: InputContainer, tracks: dict[int, packets.Track]) -> None:
    """Raise when the packets stop long before the time that the header promises."""
    ends = [track.end_seconds for track in tracks.values() if track.end_seconds is not None]
    if not ends:
        raise MediaError(
            f"{make_printable(path)} holds no picture or sound that can be read.", hint="Copy the file again."
        )
    if container.format.name.split(",")[0] not in {"mov", "matroska", "mxf", "avi", "flac", "ogg"}:
        return  # Other containers only estimate the length from the bit rate.
    promised = Fraction((container.start_time or 0) + (container.duration or 0), 1_000_000)
    if promised - max(ends) > max(_MISSING, promised / 100):
        raise MediaError(
            f"{make_printable(path)} is cut short: "
            f"{float(promised):.1f} s promised, {float(max(ends)):.1f} s there.",
            hint="Copy or export the file again.",
        )


def _find_span(
    container: InputContainer, stream: AvAudio | AvVideo, track: packets.Track
) -> tuple[Fraction, Fraction]:
    """Return the first and last moment of a stream in the container's own time, in seconds."""
    start = track.start_seconds if track.start_seconds is not None else Fraction(0)
    seen = track.end_seconds if track.end_seconds is not None else start
    trusted = container.format.name.startswith(_TRUSTED_LENGTHS)
    if trusted and stream.duration and stream.time_base:
        # An edit list ends the sound before the encoder's padding; the packets go on to its end.
        begin = stream.start_time if stream.start_time is not None else 0
        return start, max(start, (begin + stream.duration) * Fraction(stream.time_base))
    if container.format.name == "mp3" and stream.duration and stream.time_base:
        # With a LAME header the length leaves out the encoder's padding; without one it is a guess.
        said = start + stream.duration * Fraction(stream.time_base)
        seen = said if 0 <= seen - said < _MP3_PADDING else seen
    return start, max(start, seen)


def _describe_video(stream: AvVideo, track: packets.Track, span: tuple[Fraction, Fraction]) -> VideoStream:
    start, end = span
    rate = _find_frame_rate(stream, track, end - start)
    frames = max(1, round((end - start) * rate))
    uneven = packets.is_uneven(track) or _has_other_frame_count(stream, track, frames)
    if uneven and rate not in _STANDARD_RATES:
        rate = _nearest_standard_rate(track, rate)
        frames = max(1, round((end - start) * rate))
    # At a constant rate the frames say the length exactly; Matroska's end is rounded to 1 ms.
    length = end - start if uneven else frames / rate
    return VideoStream(
        index=stream.index,
        codec=stream.codec_context.name,
        frame_rate=rate,
        width=stream.width,
        height=stream.height,
        frames=track.count if track.whole and uneven else frames,
        start=start,
        duration=seconds_to_samples(length),
        variable_rate=uneven,
    )


def _is_turned(container: InputContainer, picture: AvVideo) -> bool:
    """Tell whether the picture is shown turned by a quarter, as phones that are held upright record it.

    Only the first frame says so; a picture that cannot be decoded is not turned.
    """
    import av

    if not container.format.name.startswith("mov"):
        return False
    try:
        container.seek(0)
        return any(frame.rotation % 180 == 90 for frame in islice(container.decode(picture), 1))
    except av.FFmpegError:
        return False


def _find_frame_rate(stream: AvVideo, track: packets.Track, length: Fraction) -> Fraction:
    for said in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        with suppress(InputError):
            return snap_rate(Fraction(said or 0))
    with suppress(InputError):
        return snap_rate(track.count / length if length > 0 else 0)
    raise MediaError("The picture has no frame rate.", hint="Convert it to a constant frame rate first.")


def _nearest_standard_rate(track: packets.Track, mean: Fraction) -> Fraction:
    """Return the standard rate next to that of most frames of a picture with a variable rate.

    Phones leave out frames in the dark, and screen recorders those in which nothing moves. So the duration of
    most frames says more than their mean.
    """
    usual = packets.find_typical_step(track)
    wanted = 1 / usual if usual else mean
    return min(_STANDARD_RATES, key=lambda rate: (abs(rate / wanted - 1), -rate))


def _has_other_frame_count(stream: AvVideo, track: packets.Track, frames: int) -> bool:
    """Tell whether there are more or fewer frames than rate and length make: the rate changes somewhere."""
    counted = track.count if track.whole else stream.frames
    return bool(counted) and abs(counted - frames) > max(2, frames // 200)


def _describe_audio(
    path: Path, stream: AvAudio, span: tuple[Fraction, Fraction], origin: Fraction
) -> AudioStream:
    from av.stream import Disposition

    channels = int(stream.channels)
    if not 0 < channels <= _MAX_CHANNELS:
        raise MediaError(
            f"{make_printable(path)} claims {channels} channels.", hint="Export the sound again."
        )
    return AudioStream(
        index=stream.index,
        codec=stream.codec_context.name,
        rate=int(stream.rate),
        channels=channels,
        layout=stream.layout.name,
        start=seconds_to_samples(span[0] - origin),
        duration=seconds_to_samples(span[1] - span[0]),
        language=str(stream.language or "").replace("und", ""),
        title=stream.metadata.get("title", "") or stream.metadata.get("name", ""),
        default=bool(stream.disposition & Disposition.default),
        commentary=bool(stream.disposition & Disposition.comment),
        description=bool(stream.disposition & (Disposition.visual_impaired | Disposition.descriptions)),
        original=bool(stream.disposition & Disposition.original),
        hearing_impaired=bool(stream.disposition & Disposition.hearing_impaired),
    )


def _describe_subtitles(container: InputContainer) -> tuple[SubtitleStream, ...]:
    from av.stream import Disposition

    found = []
    for stream in container.streams:
        if stream.type == "subtitle":
            codec = getattr(stream, "codec_context", None)
            name = codec.name if codec is not None else ""
            found.append(
                SubtitleStream(
                    stream.index,
                    name,
                    str(stream.metadata.get("language", "")).replace("und", ""),
                    stream.metadata.get("title", ""),
                    default=bool(stream.disposition & Disposition.default),
                    forced=bool(stream.disposition & Disposition.forced),
                    text=name in _TEXT_SUBTITLES,
                )
            )
    return tuple(found)


def _find_timecode(container: InputContainer, video: VideoStream | None) -> Timecode | None:
    """Read the timecode from a tmcd track, or from an MXF or Matroska tag, in that order."""
    if video is None:
        return None
    tags = [
        *(s.metadata for s in container.streams if s.type == "data"),
        *(s.metadata for s in container.streams),
    ]
    for metadata in [*tags, container.metadata]:
        text = next((value for key, value in metadata.items() if key.lower() == "timecode"), "")
        if re.match(r"\d\d:\d\d:\d\d[:;.]\d\d", text):
            try:
                return parse_timecode(text, video.frame_rate)
            except InputError:
                continue  # A label of another rate does not belong to this picture.
    return None


def _find_time_reference(path: Path, head: bytes, timecode: Timecode | None) -> int | None:
    if timecode is not None:
        return time_reference(timecode.frame, timecode.rate)
    if riff.is_wave(head):
        header = riff.read_header(path)
        if header.time_reference is not None:
            return seconds_to_samples(Fraction(header.time_reference, header.rate))
    return None
