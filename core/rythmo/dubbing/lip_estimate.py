"""Estimate the lips of a dub that is finished: which lines get them, and what they cost, before anything is
spent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast
from rythmo.dubbing.estimate import Estimate, Stage, estimate, of_script
from rythmo.lips.units import LipSkip
from rythmo.script.model import Script
from rythmo.settings import Settings
from rythmo.stages.lips import explain_lacking_consent, find_skip


@dataclass(frozen=True, slots=True)
class LipEstimate:
    """What lips would take.

    Args:
        found: The money and the time, with one stage, or none where no line can get lips. lines: How many
            lines may get lips. seconds: Their length. skipped: The reason of each other line. consent: Why a
            speaker's face may not be changed, by speaker, for those who speak.
    """

    found: Estimate
    lines: int
    seconds: float
    skipped: Mapping[str, LipSkip]
    consent: Mapping[str, str]

    @property
    def stage(self) -> Stage | None:
        """The work of the engine; None where there is none, or no engine is ready."""
        return next(iter(self.found.stages), None)


def estimate_lips(script: Script, settings: Settings, *, only: Collection[str] = ()) -> LipEstimate:
    """Estimate the lips of a script's lines, or of `only` these. Lips that are there already count again.

    The frames of a line that turn out to be unfit when they are looked at still count. Raises InputError for
    a damaged cast file, ScriptError for an unknown line, and UnknownEngineError.
    """
    for name in only:
        script.line(name)
    cast = cast_file.load_cast(Path(settings.cast.file)) if settings.cast.file else Cast()
    settings = replace(settings, lips=replace(settings.lips, make=True))
    wanted = [line for line in script.lines if not only or line.id in only]
    reasons = {line.id: find_skip(line, script, cast, settings) for line in wanted}
    made = tuple(line for line in wanted if reasons[line.id] is None)
    amount = of_script(replace(script, lines=made))
    amount = replace(amount, translate=False, voice_lines=0, voice_seconds=0.0)
    found = estimate(amount, script.source_language, script.target_language, settings)
    speaking = dict.fromkeys(line.speaker for line in wanted)
    why = {one: explain_lacking_consent(one, script, cast, settings) for one in speaking}
    return LipEstimate(
        found,
        len(made),
        sum(line.length for line in made) / script.programme.sample_rate,
        {name: reason for name, reason in reasons.items() if reason is not None},
        {one: text for one, text in why.items() if text},
    )
