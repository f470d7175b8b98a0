"""Recordings of requests to a voice: found by their key, or spoken wherever the job's requests run."""

from __future__ import annotations

from pathlib import Path

from rythmo.engines.base import Kind, SpeechRequest
from rythmo.errors import EngineFailedError
from rythmo.execution.calls import EngineCall
from rythmo.media.audio import Audio
from rythmo.media.wav import write_wav
from rythmo.mix.take_check import check_take
from rythmo.project.workspace import hash_values
from rythmo.script.model import Line
from rythmo.stages.context import Context
from rythmo.stages.shared_references import fetch_reference, share_reference
from rythmo.stages.voice_request import VoiceRequest
from rythmo.timebase import SAMPLE_RATE

VERSION = 2


def record_request(wanted: VoiceRequest, line: Line, context: Context) -> tuple[str, Path]:
    """Return the key and the cached recording of a request; the engine speaks it when it is a new one.

    `line` is the line that it is for. Raises EngineFailedError, also for a recording that is no speech.
    """
    language = wanted.request.language
    info = context.engines.info(Kind.VOICE, language)
    key = hash_values("voice", VERSION, context.engines.stamp(Kind.VOICE, language), wanted.key(context))
    if not context.artefacts.has_sound("voice", key):
        request = wanted.with_sound(context)
        if context.sends_away(info):
            share_reference(request.voice, context)
        arguments = (request, line.length, key)
        context.carry_out(
            EngineCall(
                "voice", line.id, Kind.VOICE, language, info, key, record_speech, arguments, line.speaker
            )
        )
    return key, context.require_sound("voice", key, info)


def record_speech(request: SpeechRequest, original_length: int, key: str, context: Context) -> None:
    """Let the engine of this process speak, and store the recording under its key.

    `original_length` is that of the original line in samples.
    """
    fetch_reference(request.voice, context)
    context.artefacts.file(
        "voice",
        key,
        ".wav",
        lambda path: write_wav(path, _speak(request, original_length, context), subtype="PCM_24"),
    )


def _speak(request: SpeechRequest, original_length: int, context: Context) -> Audio:
    """Let the engine speak, and check that the result is speech, so that unusable sound is never stored."""
    name = context.engines.info(Kind.VOICE, request.language).name
    with context.engines.turn(Kind.VOICE, request.language, context.cancel):
        made = context.engines.voice(request.language).speak(request, cancel=context.cancel)
    try:
        check_take(made, original_length)
    except EngineFailedError as error:
        raise EngineFailedError(f"{name} on {request.text!r}: {error.message}", hint=error.hint) from error
    return made.mono().at_rate(SAMPLE_RATE)
