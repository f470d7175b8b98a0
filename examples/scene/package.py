"""The files: an mp4 whose sound starts later than its picture, and the truth beside it."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from PIL import Image

from .canvas import HEIGHT, WIDTH
from .picture import COLOURS, cuts
from .programme import Programme
from .shots import edit, people_in, share_seen
from .story import AUDIO_DELAY, FRAME_RATE, RATE, START_TIMECODE
from .voices import VOICES

_WORD_TIMES = (
    "From flite's own segments: a word runs from the end of the phone before it to that of its last phone. "
    "The waveform is generated from these durations, so they are exact to one synthesis frame (5 ms); the "
    "silence of a stop at the start of a word counts as part of the word."
)


def _ffmpeg(*arguments: str) -> list[str]:
    return [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-nostdin",
        "-hide_banner",
        "-loglevel",
        "error",
        "-y",
        *arguments,
    ]


def encode_picture(frames: Iterable[Image.Image], target: Path) -> None:
    """H.264, 4:2:0, at 24000/1001. Two threads, always: x264's output depends on their number."""
    command = _ffmpeg(
        *(
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-s",
            f"{WIDTH}x{HEIGHT}",
            "-r",
            str(FRAME_RATE),
            "-i",
            "pipe:0",
        ),
        *("-vf", "scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p", "-color_range", "tv"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-c:v", "libx264", "-preset", "medium", "-tune", "animation", "-crf", "27", "-maxrate", "400k"),
        *("-bufsize", "1600k", "-threads", "2", "-g", "96", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        str(target),
    )
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for frame in frames:
            process.stdin.write(frame.tobytes())
        process.stdin.close()
    if process.returncode:
        raise SystemExit(f"ffmpeg could not encode the picture (exit {process.returncode}).")


def wrap(picture: Path, mix: NDArray[np.float32], target: Path) -> None:
    """Add the sound, which begins `AUDIO_DELAY` after the picture in the container, and the timecode track.

    The mp4 holds no sound for that half second but the encoder's 1024 samples of priming: a
    decoder that strings samples together and does not look at their times comes out early by it.
    """
    with tempfile.TemporaryDirectory() as folder:
        wave, whole = Path(folder) / "mix.wav", Path(folder) / "scene.mp4"
        sf.write(wave, mix[:, AUDIO_DELAY:].T, RATE, subtype="PCM_24")
        command = _ffmpeg(
            *("-i", str(picture), "-itsoffset", str(AUDIO_DELAY / RATE), "-i", str(wave)),
            *("-map", "0:v:0", "-map", "1:a:0", "-c:v", "copy", "-c:a", "aac", "-b:a", "112k"),
            *(
                "-timecode",
                START_TIMECODE,
                "-metadata",
                "title=The Last Train",
                "-metadata:s:a:0",
                "language=eng",
            ),
            *("-movflags", "+faststart", "-fflags", "+bitexact", "-flags:a", "+bitexact", str(whole)),
        )
        subprocess.run(command, check=True)
        _replace(target, whole.read_bytes())


def truth(programme: Programme) -> dict[str, object]:
    """What is known of the scene; positions are samples (and frames) from the first frame of the picture."""
    lines = [
        {
            "id": line.id,
            "speaker": line.speaker,
            "text": line.text,
            "start": line.start,
            "end": line.end,
            "on_screen": share_seen(line, edit(programme.lines)),
            "words": [{"text": word.text, "start": word.start, "end": word.end} for word in line.words],
        }
        for line in programme.lines
    ]
    return {
        "title": "The Last Train",
        "media": "scene.mp4",
        "language": "en",
        "sample_rate": RATE,
        "length": programme.length,
        "frame_rate": str(FRAME_RATE),
        "frames": programme.frames,
        "start_timecode": START_TIMECODE,
        "audio_start": AUDIO_DELAY,
        "cuts": cuts(programme),
        "seen": [{"frame": shot.start, "faces": list(people_in(shot))} for shot in edit(programme.lines)],
        "mix": "left = bed left + sum of speech, right = bed right + sum of speech, each with its gain",
        "gains": {**dict.fromkeys(programme.speech, 1.0), "bed": 1.0},
        "files": {name: f"scene.truth/{name.lower()}.flac" for name in (*programme.speech, "bed")},
        "speakers": [
            {"id": name, "voice": f"flite {voice.name}", "pitch": voice.pitch, "caption_rgb": COLOURS[name]}
            for name, voice in VOICES.items()
        ],
        "word_times": _WORD_TIMES,
        "lines": lines,
    }


def write_truth(programme: Programme, folder: Path) -> None:
    """`scene.truth.json`, and the clean speech and bed as 16-bit FLAC in `scene.truth/`."""
    stems = folder / "scene.truth"
    stems.mkdir(parents=True, exist_ok=True)
    for name, samples in {**programme.speech, "bed": programme.bed}.items():
        path = stems / f"{name.lower()}.flac"
        sf.write(
            path, np.round(samples.T * 32768).astype(np.int16), RATE, subtype="PCM_16", compression_level=1.0
        )
    text = json.dumps(truth(programme), indent=1, ensure_ascii=False)
    _replace(folder / "scene.truth.json", f"{text}\n".encode())


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{path.name}.part")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
