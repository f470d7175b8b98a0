"""Measure how each speaker sounds, and give each one a voice for the whole project.

An engine that clones receives speech only of people who have agreed (see casting/consent.py). Consent is
checked on every run: a clone from an earlier run is never kept unchecked. Everybody else gets a stock voice
of the engine or, if it has none, of a local engine that needs no reference, and a flag says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from rythmo.casting import cast_file, consent
from rythmo.casting.cast_file import Cast, Person
from rythmo.engines import registry
from rythmo.engines.abilities import LikenessCaster
from rythmo.engines.base import EngineInfo, Kind, SpeakerProfile
from rythmo.engines.pool import EnginePool
from rythmo.errors import EngineMissingError
from rythmo.media.audio import Audio
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.media.prosody import measure_prosody
from rythmo.project.workspace import Project, hash_values
from rythmo.script.model import Flag, Line, Prosody, Script, Speaker
from rythmo.script.people import make_unnamed_speaker, sort_speaker_ids
from rythmo.script.takes import VoiceRef
from rythmo.script.voice_edits import VOICE
from rythmo.stages import identify_speakers, speaker_samples
from rythmo.stages.cast_elsewhere import cast_anywhere
from rythmo.stages.chosen_voices import find_chosen_voice, is_chosen, is_locked
from rythmo.stages.context import Context
from rythmo.stages.identify_speakers import IdentifiedSpeaker

VERSION = 1
# The vector of a speaker's own speech, by the embedder of that pool.
_Heard = Callable[[EnginePool, str], tuple[float, ...]]
NO_CONSENT = "no-consent"
CAST_CODES = (NO_CONSENT, identify_speakers.GUESSED)
_ENOUGH_SECONDS = 30
_COLOURS = (
    "#4f9dff",
    "#ff8a4f",
    "#6fcf6f",
    "#d77fe0",
    "#e6c34a",
    "#4fd0d0",
    "#ff6f8f",
    "#a8a8ff",
    "#b0d040",
    "#d0a070",
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A speaker to be cast, with the reference that may be cloned, or the reason why none may be."""

    known: IdentifiedSpeaker
    reference: Audio | None = None
    leave: str = ""
    why: str = ""

    @property
    def speaker(self) -> Speaker:
        return self.known.speaker

    @property
    def sure_person(self) -> Person | None:
        """Who this is in the cast file, unless that is a guess or the voice is a clone."""
        return None if self.known.flag or self.reference else self.known.person

    @property
    def profile(self) -> SpeakerProfile:
        speaker, references = self.speaker, (self.reference,) if self.reference else ()
        return SpeakerProfile(speaker.id, speaker.name, speaker.prosody or Prosody(), references)


def speakers_of(lines: Sequence[Line], known: Sequence[Speaker]) -> tuple[Speaker, ...]:
    """Return a Speaker for each id among the lines. Known speakers keep their name and voice."""
    by_id = {speaker.id: speaker for speaker in known}
    people = [by_id.get(i, make_unnamed_speaker(i)) for i in sort_speaker_ids(line.speaker for line in lines)]
    free = [colour for colour in _COLOURS if colour not in {person.colour for person in people}]
    coloured = []
    for place, person in enumerate(people):
        colour = person.colour or (free.pop(0) if free else _COLOURS[place % len(_COLOURS)])
        coloured.append(replace(person, colour=colour))
    return tuple(coloured)


def run(script: Script, speech: ChunkedAudio, bed: ChunkedAudio, context: Context) -> Script:
    """Return the script with every speaker named from the cast file, measured, and given a voice.

    A voice once given is kept. Problems are flagged on the first line of the speaker concerned.
    Raises InputError for a cast file that cannot be used, and whatever the engines raise.
    """
    language, cast = script.target_language, cast_of(context)
    script = replace(script, speakers=speakers_of(script.lines, script.speakers))
    info = context.engines.info(Kind.VOICE, language)
    territories = consent.parse_territories(context.settings.cast.territories)
    use = consent.Use(language, script.programme.name, territories)
    parts = []
    for known in identify_speakers.run(script, cast, speech, bed, context):
        measured = _measured(known.speaker, script.lines, speech, context)
        parts.append(_with_leave(replace(known, speaker=measured), cast, info, use))

    def heard(engines: EnginePool, speaker: str) -> tuple[float, ...]:
        with_engines = replace(context, engines=engines)
        return tuple(map(float, speaker_samples.vector(script, speaker, speech, bed, with_engines)))

    script = replace(script, speakers=_voiced(parts, cast, info, language, heard, context))
    context.step("cast", 1, 1)
    return _flagged(script, parts, info)


def is_settled(script: Script, speaker_id: str, context: Context) -> bool:
    """Tell whether a speaker's voice can be used without casting anybody else.

    Never true for a clone, because its owner's consent is checked on every run.
    """
    speaker = next((one for one in script.speakers if one.id == speaker_id), None)
    if speaker is None or speaker.voice is None or speaker.prosody is None:
        return False
    info = context.engines.info(Kind.VOICE, script.target_language)
    return speaker.voice.engine == info.name and "clones" not in info.capabilities


def cast_of(context: Context) -> Cast:
    """Load the cast file of the settings, or return an empty cast when there is none."""
    file = context.settings.cast.file
    return cast_file.load_cast(Path(file)) if file else Cast()


def notes(script: Script) -> tuple[str, ...]:
    """Return casting's notes for the user, a sentence for each speaker concerned."""
    flags = (flag for line in script.lines for flag in line.flags if flag.code in CAST_CODES)
    return tuple(dict.fromkeys(flag.message for flag in flags))


def _with_leave(known: IdentifiedSpeaker, cast: Cast, info: EngineInfo, use: consent.Use) -> _Part:
    """Check whether this engine may clone this speaker for this use today.

    Nobody for whom a person chose one of the engine's own voices is cloned.
    """
    if "clones" not in info.capabilities or is_chosen(known.speaker, info.name):
        return _Part(known)
    person = known.person
    if person is None or person.reference is None:
        return _Part(known, why="there is no consent record")
    record, why = consent.find_valid_consent(
        person.consents, person.reference.sha256, use, consent.read_utc_date()
    )
    if record is None:
        return _Part(known, why=why)
    return _Part(known, cast.read_reference(person), record.fingerprint)


def _voiced(
    parts: Sequence[_Part], cast: Cast, info: EngineInfo, language: str, heard: _Heard, context: Context
) -> tuple[Speaker, ...]:
    cloned = [part for part in parts if part.reference is not None]
    plain = [part for part in parts if part.reference is None]
    # Not cached: the engine must have the references in every run. It sends nothing until a line is spoken.
    clones = cast_anywhere([part.profile for part in cloned], (), language, context) if cloned else ()
    given = {part.speaker.id: _plain(voice) for part, voice in zip(cloned, clones, strict=True)}
    given |= _without_clones(plain, cast, tuple(given.values()), info, language, heard, context)
    return tuple(
        replace(
            part.speaker,
            voice=given[part.speaker.id],
            consent=part.leave,
            voice_locked=is_locked(part.speaker, given[part.speaker.id], part.sure_person, language),
        )
        for part in parts
    )


def _without_clones(
    parts: Sequence[_Part],
    cast: Cast,
    taken: tuple[VoiceRef, ...],
    info: EngineInfo,
    language: str,
    heard: _Heard,
    context: Context,
) -> dict[str, VoiceRef]:
    """Give each speaker a voice: the user's choice, here or in another language of the project, else the cast
    file's, else the earlier one, else that of another language, else a new one.

    A voice of another language is taken only if its engine speaks this one with it (`multilingual`).

    Voices of people in the cast file who do not speak here are kept free for them.
    """
    if not parts:
        return {}
    engines = context.engines
    if "needs_reference" in info.capabilities:
        engines = engines.voiced_by(registry.choose_stand_in(language).info.name, language)
    name = engines.info(Kind.VOICE, language).name
    given: dict[str, VoiceRef] = {}
    kept = tuple(voice for person in cast.people if (voice := person.find_voice(name, language)))
    elsewhere = _find_voices_elsewhere(engines, language, context)

    def shared(part: _Part, engine: str, _language: str) -> VoiceRef | None:
        return _pick(elsewhere.get(part.speaker.id, ()), engine)

    def shared_choice(part: _Part, engine: str, _language: str) -> VoiceRef | None:
        return _pick([one for one in elsewhere.get(part.speaker.id, ()) if VOICE in one.edited], engine)

    by_choice: list[VoiceRef] = []
    wishes = ((_chosen, ()), (shared_choice, ()), (_from_cast, ()), (_had, kept), (shared, kept))
    for wish, others in wishes:
        for part in parts:
            voice = wish(part, name, language)
            if voice is None or part.speaker.id in given:
                continue
            # Whoever chose a voice that somebody else has meant it, and nobody else gets another one for it.
            if wish is _chosen:
                by_choice.append(voice)
            elif voice in (*given.values(), *others) and not (wish is _had and voice in by_choice):
                continue
            given[part.speaker.id] = voice
    open_ = [part.profile for part in parts if part.speaker.id not in given]
    used = (*taken, *given.values(), *(voice for voice in kept if voice not in given.values()))
    made = make_voices(add_vectors(open_, engines, language, heard), used, language, engines, context)
    return given | {profile.id: voice for profile, voice in zip(open_, made, strict=True)}


def _find_voices_elsewhere(
    engines: EnginePool, language: str, context: Context
) -> Mapping[str, tuple[Speaker, ...]]:
    """Return each speaker as the project's other languages have them, the one worked on last first."""
    if "multilingual" not in engines.info(Kind.VOICE, language).capabilities:
        return {}
    others = [folder for folder in context.project.languages if folder.root != context.project.root]
    found: dict[str, tuple[Speaker, ...]] = {}
    for folder in sorted(others, key=lambda folder: -folder.changed):
        for speaker in Project(folder.root).load().speakers:
            found[speaker.id] = (*found.get(speaker.id, ()), speaker)
    return found


def _pick(speakers: Sequence[Speaker], engine: str) -> VoiceRef | None:
    """Return the first voice of the engine, unless it is a clone, whose owner is asked for each language."""
    voices = [one.voice for one in speakers if one.voice is not None and not one.consent]
    return next((voice for voice in voices if voice.engine == engine), None)


def add_vectors(
    profiles: Sequence[SpeakerProfile], engines: EnginePool, language: str, heard: _Heard
) -> list[SpeakerProfile]:
    """Add speaker vectors of the voice engine's own embedder to the profiles, if the engine compares them.

    Without that embedder, the engine casts by measured pitch and range.
    """
    if not profiles or engines.is_absent(Kind.VOICE, language):
        return list(profiles)
    voice: object = engines.voice(language)
    if not isinstance(voice, LikenessCaster):
        return list(profiles)
    try:
        ears = engines.embedded_by(voice.likeness_embedder)
        return [replace(profile, vector=heard(ears, profile.id)) for profile in profiles]
    except EngineMissingError:
        return list(profiles)


def _chosen(part: _Part, engine: str, language: str) -> VoiceRef | None:
    return find_chosen_voice(part.speaker, engine, language)


def _from_cast(part: _Part, engine: str, language: str) -> VoiceRef | None:
    return part.known.person.find_voice(engine, language) if part.known.person else None


def _had(part: _Part, engine: str, _language: str) -> VoiceRef | None:
    """Return the voice of the previous run, unless it was a clone."""
    voice = part.speaker.voice
    return voice if voice and voice.engine == engine and not part.speaker.consent else None


def make_voices(
    profiles: Sequence[SpeakerProfile],
    taken: tuple[VoiceRef, ...],
    language: str,
    engines: EnginePool,
    context: Context,
) -> tuple[VoiceRef, ...]:
    """Return voices that the engine casts for the profiles, different from those that are `taken`. Cached."""
    if not profiles:
        return ()
    facts = [
        (profile.id, profile.prosody, *([profile.vector] if profile.vector else ())) for profile in profiles
    ]
    key = hash_values("cast", VERSION, engines.stamp(Kind.VOICE, language), facts, taken, language)

    def make() -> tuple[VoiceRef, ...]:
        made = cast_anywhere(profiles, taken, language, replace(context, engines=engines))
        return tuple(map(_plain, made))

    known = context.artefacts.value("cast", key, tuple[VoiceRef, ...], make)
    name = engines.info(Kind.VOICE, language).name
    if len(known) != len(profiles) or any(voice.engine != name for voice in known):
        # The stored artefact does not come from this engine, so somebody changed it.
        return context.artefacts.keep("cast", key, make())
    return known


def _plain(voice: VoiceRef) -> VoiceRef:
    """Pass a voice through JSON, so that a new one equals the same voice read from the cache."""
    return msgspec.convert(msgspec.to_builtins(voice), VoiceRef)


def _flagged(script: Script, parts: Sequence[_Part], info: EngineInfo) -> Script:
    """Put the flags about each speaker on the speaker's first line."""
    flags: dict[str, tuple[Flag, ...]] = {}
    for part, speaker in zip(parts, script.speakers, strict=True):
        refused = (_refused(speaker, part.why, info),) if part.why else ()
        guessed = (part.known.flag,) if part.known.flag else ()
        flags[speaker.id] = (*guessed, *refused)
    first = {line.speaker: line.id for line in reversed(script.lines)}

    def marked(line: Line) -> Line:
        line = line.without_flags(*CAST_CODES)
        return line.add_flags(*flags.get(line.speaker, ())) if first[line.speaker] == line.id else line

    return script.map_lines(marked)


def _refused(speaker: Speaker, why: str, info: EngineInfo) -> Flag:
    engine = speaker.voice.engine if speaker.voice else info.name
    voice = f"a stock voice of {engine}" if engine == info.name else f"a voice of {engine}"
    message = f"{speaker.name} ({speaker.id}) is not cloned and has {voice}: {why} (rythmo cast --help)."
    return Flag(NO_CONSENT, message)


def _measured(speaker: Speaker, lines: Sequence[Line], speech: ChunkedAudio, context: Context) -> Speaker:
    own = sorted((line for line in lines if line.speaker == speaker.id), key=lambda line: -line.length)
    spans = tuple(line.original_range for line in own)
    key = hash_values("prosody", VERSION, speech.key, spans)
    prosody = context.artefacts.value(
        "prosody", key, Prosody, lambda: measure_prosody(_sample(spans, speech))
    )
    return replace(speaker, prosody=prosody)


def _sample(spans: Sequence[tuple[int, int]], speech: ChunkedAudio) -> Audio:
    """Join the longest lines, up to half a minute, which is enough to measure a voice."""
    parts, total = [np.zeros((1, 0), np.float32)], 0
    for start, end in spans:
        if total >= _ENOUGH_SECONDS * speech.rate:
            break
        parts.append(speech.read(start, end).samples)
        total += end - start
    return Audio(np.concatenate(parts, axis=1), speech.rate)
