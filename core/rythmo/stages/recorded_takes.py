"""Read sound that people recorded, and make it a take: 48 kHz, 24 bit, mono, beside the takes of engines.

Any file that the programme itself may come from is read, at any rate, depth and number of channels. The
recording is not trimmed: where speech begins in it is found when it is placed, as for every take.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rythmo.errors import EngineFailedError, MediaError
from rythmo.files import make_printable
from rythmo.media.audio import Audio
from rythmo.media.decode import extract_sound
from rythmo.media.probe import probe
from rythmo.media.wav import read_audio, write_wav
from rythmo.mix.take_check import check_take
from rythmo.progress import NEVER, CancelToken
from rythmo.project.workspace import Project, hash_file, hash_values, place_file
from rythmo.scratch import scratch_folder
from rythmo.script.model import Flag, Line
from rythmo.script.takes import HUMAN, Take, VoiceRef
from rythmo.stages.take_files import free_take_name
from rythmo.timebase import SAMPLE_RATE

VERSION = 1
_LONGEST_SECONDS = 600
# A channel is taken alone when the mix of all is softer than it by more: a single microphone on the left of
# a stereo file, or one channel upside down.
_LOST_DB = 4.0


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded file that can be a take, kept in the cache under its `key`.

    `length` is in samples, `speech` is where somebody speaks, [start, end). `reference` is the time of its
    first sample in samples since midnight, as a Broadcast WAV or a camera says it; None where it does not.
    """

    key: str
    length: int
    speech: tuple[int, int]
    reference: int | None = None
    flags: tuple[Flag, ...] = ()


def read_recording(path: Path, project: Project, *, cancel: CancelToken = NEVER) -> Recording:
    """Read a recorded file, and keep it in the project's cache, ready to become a take.

    Raises MediaError for what is not sound, lasts over ten minutes, or holds no speech; OutputError.
    """
    info = probe(path)
    if info.duration > _LONGEST_SECONDS * SAMPLE_RATE:
        raise MediaError(
            f"{make_printable(path)} lasts {info.duration / SAMPLE_RATE / 60:.0f} minutes.",
            hint="A take holds one line: cut the recording into one file for each line.",
        )
    key = hash_values("human", VERSION, hash_file(path))

    def make(target: Path) -> None:
        with scratch_folder("take") as folder:
            extract_sound(info, folder / "sound.wav", cancel=cancel)
            write_wav(target, _choose_channel(read_audio(folder / "sound.wav")))

    file = project.artefacts.file("voice", key, ".wav", make)
    sound = read_audio(file)
    try:
        heard = check_take(sound)
    except EngineFailedError as error:
        what = error.message[:1].lower() + error.message[1:]
        raise MediaError(f"{make_printable(path)}: {what}", hint="Listen to the file.") from error
    return Recording(
        key, sound.length, (heard.spoken.start, heard.spoken.end), info.time_reference, heard.flags
    )


def _choose_channel(sound: Audio) -> Audio:
    """Return the sound as mono: the mean of its channels, or the loudest one where the mean would lose it."""
    if sound.channels == 1:
        return sound
    mixed = sound.mono()
    powers = np.square(sound.samples, dtype=np.float64).mean(axis=1)
    kept = float(np.square(mixed.samples, dtype=np.float64).mean())
    if kept >= powers.max() * 10 ** (-_LOST_DB / 10):
        return mixed
    loudest = int(powers.argmax())
    return Audio(sound.samples[loudest : loudest + 1], sound.rate)


def find_take(line: Line, recording: Recording) -> Take | None:
    """Return the line's take of that recording, when it was imported before."""
    return next((take for take in line.takes if take.human and take.key == recording.key), None)


def put_recording(
    line: Line, recording: Recording, project: Project, *, source: str = "", offset: int | None = None
) -> Take:
    """Return the recording as a take of the line under the next free number, with its file in the project.

    `source` is the file's name; `offset` is where its first sample lies against the line's start, in samples.
    A recording that the line has already is the take that it has. Raises OutputError.
    """
    known = find_take(line, recording)
    file = project.artefacts.path("voice", recording.key, ".wav")
    if known is not None:
        if not project.file(known.file).is_file():
            place_file(file, project.file(known.file))
        return known
    take_id, name = free_take_name(line, file, project)
    place_file(file, project.file(name))
    return Take(
        take_id,
        name,
        recording.length,
        line.spoken_translation,
        HUMAN,
        VoiceRef(HUMAN, line.speaker),
        recording.key,
        human=True,
        source=source,
        offset=offset,
    )
