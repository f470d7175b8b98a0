"""Write the dubbed film: the picture's packets are copied, new sound and subtitles are added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from rythmo.errors import MediaError, UsageError
from rythmo.files import make_printable, replace_atomically, temporary_file
from rythmo.media import ffmpeg
from rythmo.media.constant_rate import copy_retimed, is_rounded
from rythmo.media.media_info import MediaInfo
from rythmo.media.probe import probe
from rythmo.progress import NEVER, CancelToken, Progress, Report, ignore_progress
from rythmo.timebase import SAMPLE_RATE

STAGE = "mux"

# Codecs that .mp4 holds, and those that need .mov. All others go to .mkv.
_MP4 = {"h264", "hevc", "av1", "mpeg4", "vp9"}
_MOV = {
    "prores",
    "dnxhd",
    "mjpeg",
    "cfhd",
    "dvvideo",
    "qtrle",
    "v210",
    "rawvideo",
    "png",
    "mpeg2video",
    "v410",
    "r210",
}
_MUXERS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}

# ISO 639-1 to the 639-2/T codes that MP4 and Matroska hold.
LANGUAGE_CODES = {
    "ar": "ara", "bg": "bul", "ca": "cat", "cs": "ces", "cy": "cym", "da": "dan", "de": "deu", "el": "ell",
    "en": "eng", "eo": "epo", "es": "spa", "et": "est", "eu": "eus", "fa": "fas", "fi": "fin", "fr": "fra",
    "ga": "gle", "gl": "glg", "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun", "id": "ind", "is": "isl",
    "it": "ita", "ja": "jpn", "ko": "kor", "lt": "lit", "lv": "lav", "ms": "msa", "nb": "nob", "nl": "nld",
    "nn": "nno", "no": "nor", "oc": "oci", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk",
    "sl": "slv", "sr": "srp", "sv": "swe", "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie", "yue": "yue",
    "zh": "zho",
}  # fmt: skip


def dub_suffix(info: MediaInfo) -> str | None:
    """Return the container that holds this picture without re-encoding: `.mp4`, `.mov` or `.mkv`.

    None when there is no picture: such a source gets no dubbed film, only stems.
    """
    if info.video is None:
        return None
    if info.video.codec in _MP4:
        return ".mp4"
    return ".mov" if info.video.codec in _MOV else ".mkv"


def language_code(language: str) -> str:
    """Return the three-letter code of a language tag (`es`, `es-MX`, `spa`), or `und`."""
    base = language.replace("_", "-").split("-")[0].lower()
    return LANGUAGE_CODES.get(base, base if len(base) == 3 and base.isalpha() else "und")


def mux_dub(
    picture: Path,
    sound: Path,
    target: Path,
    *,
    language: str,
    subtitles: Sequence[tuple[Path, str]] = (),
    start_timecode: str | None = None,
    original_sound: Path | None = None,
    original_language: str = "",
    lossless: bool = False,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> None:
    """Write the dubbed film: the picture of `picture` packet for packet, with the WAV `sound`.

    The same input gives the same bytes.

    Args:
        picture: the media file that the picture comes from.
        sound: the mix, in programme time: its sample 0 is the picture's first frame.
        target: the film to write; its suffix names the container (see `dub_suffix`).
        language: the language of `sound`.
        subtitles: SRT files with their languages.
        start_timecode: the label of the first frame.
        original_sound: a second sound stream, off by default, also in programme time.
        original_language: the language of `original_sound`.
        lossless: ALAC instead of AAC at 256 kbit/s.
        report: called with samples done.
        cancel: stops the work.

    Raises MediaError, OutputError, UsageError, CancelledError.
    """
    info = probe(picture, need_sound=False)
    if info.video is None:
        raise MediaError(f"{make_printable(picture)} has no picture.", hint="Deliver its stems instead.")
    muxer = _MUXERS.get(target.suffix.lower())
    if muxer is None:
        raise UsageError(
            f"Cannot make a dubbed film called {make_printable(target.name)}.", hint="Use .mp4, .mov or .mkv."
        )
    sounds = [(sound, language), *([(original_sound, original_language)] if original_sound else [])]

    def tell(seconds: float) -> None:
        report(Progress(STAGE, min(seconds * SAMPLE_RATE, info.duration), info.duration))

    with (
        replace_atomically(target) as temporary,
        _exact_picture(info, target, muxer, cancel) as (file, index, start),
    ):
        texts = [path for path, _ in subtitles]
        chapters = _chapters(info, file, 1 + len(sounds) + len(texts))
        args = [
            *_inputs(file, index, start, [path for path, _ in sounds], texts, chapters[0]),
            *_codecs(muxer, lossless=lossless),
            *chapters[1],
            *_tags([lang for _, lang in sounds], [lang for _, lang in subtitles], start_timecode),
            *("-f", muxer, ffmpeg.file_url(temporary)),
        ]
        ffmpeg.run(args, progress=tell, cancel=cancel, output=target)


@contextmanager
def _exact_picture(
    info: MediaInfo, target: Path, muxer: str, cancel: CancelToken
) -> Iterator[tuple[Path, int, Fraction]]:
    """Yield file, stream index and start of the picture to copy: the source's own, or a retimed copy."""
    assert info.video is not None
    if is_rounded(info) and muxer != "matroska":
        with temporary_file(target) as retimed:
            if copy_retimed(info, retimed, muxer, cancel=cancel):
                yield retimed, 0, Fraction(0)
                return
    yield info.path, info.video.index, info.video.start


def _chapters(info: MediaInfo, picture: Path, following: int) -> tuple[list[str], list[str]]:
    """Return inputs and options that keep the source's chapters, also when the picture was retimed."""
    if not info.chapters:
        return [], ["-map_chapters", "-1"]
    if picture == info.path:
        return [], ["-map_chapters", "0"]
    source = ffmpeg.input_arguments(info.path, "-itsoffset", f"{float(-info.origin):.9f}")
    return source, ["-map_chapters", str(following)]


def _inputs(
    picture: Path,
    stream: int,
    start: Fraction,
    sounds: Sequence[Path],
    subtitles: Sequence[Path],
    chapters: Sequence[str],
) -> list[str]:
    """Return the inputs and maps.

    -copyts and our own offset put the picture's first frame at zero exactly. ffmpeg's own shift is by the
    earliest stream of the file, used or not.
    """
    args = ["-copyts", *ffmpeg.input_arguments(picture, "-itsoffset", f"{float(-start):.9f}")]
    for path in sounds:
        args += ffmpeg.input_arguments(path)
    for path in subtitles:
        # SubRip is not among the media formats; naming it stops ffmpeg from guessing another one.
        args += ["-protocol_whitelist", "file,pipe", "-f", "srt", "-i", ffmpeg.file_url(path)]
    args += [*chapters, "-map", f"0:{stream}"]
    for index in range(1, 1 + len(sounds)):
        args += ["-map", f"{index}:a:0"]
    for index in range(1 + len(sounds), 1 + len(sounds) + len(subtitles)):
        args += ["-map", f"{index}:s:0"]
    return args


def _codecs(muxer: str, *, lossless: bool) -> list[str]:
    sound = ["-c:a", "alac", "-sample_fmt", "s32p"] if lossless else ["-c:a", "aac", "-b:a", "256k"]
    text = ["-c:s", "srt" if muxer == "matroska" else "mov_text"]
    # No dates, no version strings: the same input gives the same bytes.
    same = ["-map_metadata:g", "-1", "-map_metadata:s", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    front = [] if muxer == "matroska" else ["-movflags", "+faststart"]
    return ["-c:v", "copy", *sound, *text, *same, *front]


def _tags(sounds: Sequence[str], subtitles: Sequence[str], start_timecode: str | None) -> list[str]:
    args = ["-metadata", f"timecode={start_timecode}"] if start_timecode else []
    for index, language in enumerate(sounds):
        args += [f"-metadata:s:a:{index}", f"language={language_code(language)}"]
        args += [f"-disposition:a:{index}", "default" if index == 0 else "0"]
    for index, language in enumerate(subtitles):
        args += [
            f"-metadata:s:s:{index}",
            f"language={language_code(language)}",
            f"-disposition:s:{index}",
            "0",
        ]
    return args
