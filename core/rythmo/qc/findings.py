"""Turn measures into findings: what a person should look at, how serious it is, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from rythmo import languages
from rythmo.counts import format_count
from rythmo.qc.line_measures import letter_error, word_error
from rythmo.qc.report_model import Aim, Finding, Fit, Levels, LineMeasures, Region, Stems
from rythmo.script.model import Severity
from rythmo.script.sound_notes import strip_sound_notes

BAND = (0.9, 1.2)
"""A line fits when it takes -10% to +20% of the original line's time."""

_MISSED = 0.5
_SAME_WORDS = 0.25
_FEWEST_WORDS = 3
# Whisper base guesses the language of shorter lines: in a clean dub of 27 lines it was wrong on five of them,
# and on two longer ones, whose words it recognised correctly.
_LANGUAGE_SECONDS = 1.5
_BIN = 0.1
_BINS = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that a dub must meet, in milliseconds, dB and ratios. True peak as in EBU R 128."""

    placement_ms: float = 20.0
    preferred_speed: float = 1.2
    highest_speed: float = 1.5
    true_peak_dbtp: float = -1.0
    sum_error_steps: int = 1
    residue_db: float = -15.0
    voice_stays_db: float = -6.0
    hollow_db: float = 8.0
    word_error: float = 0.5
    quiet_lufs: float = -45.0
    mos: float = 2.5
    mos_below_usual: float = 0.5
    below_usual_lu: float = 10.0
    dc_offset: float = 0.002
    after_original_ms: float = 250.0
    below_speaker_lu: float = 9.0
    confidence: float = 0.3


def summarise_fit(lines: Sequence[LineMeasures]) -> Fit:
    """Summarise how the placed lines fit their time."""
    fits = [line.fit for line in lines if line.fit is not None]
    speeds = [line.speed for line in lines if line.speed is not None]
    inside = sum(BAND[0] <= fit <= BAND[1] for fit in fits)
    counts = [0] * _BINS
    for fit in fits:
        # The half thousandth is needed because 0.3 / 0.1 is 2.999... in floats.
        counts[min(_BINS - 1, int((fit + 5e-4) / _BIN))] += 1
    return Fit(
        lines=len(lines),
        placed=len(fits),
        in_band=inside,
        share_in_band=round(inside / len(fits), 4) if fits else None,
        fastest=max(speeds, default=None),
        slowest=min(speeds, default=None),
        histogram=tuple((round(index * _BIN, 1), count) for index, count in enumerate(counts)),
    )


@dataclass(frozen=True, slots=True)
class TypicalMeasures:
    """Medians over a programme's lines: opinion score, loudness, share of words missed."""

    mos: float | None = None
    lufs: float | None = None
    word_error: float | None = None

    @classmethod
    def of(cls, lines: Iterable[LineMeasures]) -> TypicalMeasures:
        """Take the medians over `lines`; None for a measure that no line has."""
        found = list(lines)

        def middle(field: str) -> float | None:
            values = [value for line in found if (value := getattr(line, field)) is not None]
            return median(values) if values else None

        return cls(middle("mos"), middle("loudness_lufs"), middle("word_error"))


_UNKNOWN = TypicalMeasures()


def judge_quality(usual: TypicalMeasures, limits: Limits) -> tuple[Finding, ...]:
    """Find faults of the whole programme, reported once because the engine causes them, not a line."""
    found = []
    if usual.mos is not None and usual.mos < limits.mos:
        message = (
            f"Half of the lines have an estimated quality below {usual.mos:.1f} of 5: the voices sound poor."
        )
        found.append(("poor-voices", message))
    if usual.word_error is not None and usual.word_error > limits.word_error:
        message = (
            f"The recogniser missed {usual.word_error:.0%} of the words of half of the lines: it hardly "
            "understands these voices, so its results for single lines mean little."
        )
        found.append(("unclear-voices", message))
    return tuple(Finding(None, 0, Severity.INFO, *one) for one in found)


def judge_line(
    line: LineMeasures, limits: Limits, rate: int, usual: TypicalMeasures = _UNKNOWN
) -> tuple[Finding, ...]:
    """Return what is wrong with one line: the script's own flags, then faults measured against `limits`.

    `usual` has the typical measures of its programme.
    """
    at = line.start if line.placed_start is None else line.placed_start
    said = [Finding(line.id, at, flag.severity, flag.code, flag.message) for flag in line.flags]
    known = {finding.code for finding in said}
    if "overrun" in known:
        known.add("fast")  # The message of an overrun names the speed already.
    measured = [
        Finding(line.id, at, severity, code, message)
        for severity, code, message in _line_faults(line, limits, rate, usual)
        if code not in known
    ]
    return (*said, *measured)


def _line_faults(
    line: LineMeasures, limits: Limits, rate: int, usual: TypicalMeasures
) -> Iterable[tuple[Severity, str, str]]:
    if line.placed_start is None:
        yield Severity.ERROR, "not-voiced", "The line has no take in the mix."
        return
    if line.silent:
        yield Severity.ERROR, "silent", "The stem is silent where the line should be."
        return
    yield from _time_faults(line, limits, rate)
    yield from _sound_faults(line, limits, usual)
    yield from _voice_faults(line, limits, usual)


def _time_faults(line: LineMeasures, limits: Limits, rate: int) -> Iterable[tuple[Severity, str, str]]:
    if line.placement_ms is not None and abs(line.placement_ms) > limits.placement_ms:
        when = "late" if line.placement_ms > 0 else "early"
        yield Severity.ERROR, "misplaced", f"It begins {abs(line.placement_ms):.0f} ms {when}."
    after = line.after_original_ms
    if after is not None and abs(after) > limits.after_original_ms:
        when = "later" if after > 0 else "earlier"
        message = f"It begins {abs(after):.0f} ms {when} than the original speech."
        yield Severity.WARNING, "off-original", message
    if line.self_overlap:
        seconds = line.self_overlap / rate
        yield (
            Severity.ERROR,
            "self-overlap",
            f"It overlaps the same speaker's previous line by {seconds:.2f} s.",
        )
    if line.placed_end is not None and line.slot_end is not None and line.placed_end > line.slot_end:
        yield (
            Severity.WARNING,
            "overrun",
            f"It runs {(line.placed_end - line.slot_end) / rate:.2f} s over its slot.",
        )
    speed = line.speed or 1.0
    if speed > limits.highest_speed + 1e-3:
        yield (
            Severity.ERROR,
            "too-fast",
            f"{speed:.2f}x is faster than the limit of {limits.highest_speed:.2f}x.",
        )
    elif speed > limits.preferred_speed + 1e-3:
        yield (
            Severity.WARNING,
            "fast",
            f"{speed:.2f}x is faster than the preferred {limits.preferred_speed:.2f}x.",
        )
    if line.fit is not None and line.fit < BAND[0]:
        yield Severity.INFO, "short", f"It fills {line.fit:.0%} of the original line's time."


def _sound_faults(
    line: LineMeasures, limits: Limits, usual: TypicalMeasures
) -> Iterable[tuple[Severity, str, str]]:
    if line.clipped_samples:
        yield (
            Severity.ERROR,
            "clipped",
            f"{format_count(line.clipped_samples, 'sample is', 'samples are')} at full scale.",
        )
    # In a programme that is quiet altogether a line is as quiet as the others.
    quiet = (
        limits.quiet_lufs
        if usual.lufs is None
        else min(limits.quiet_lufs, usual.lufs - limits.below_usual_lu)
    )
    if line.loudness_lufs is not None and line.loudness_lufs < quiet:
        yield Severity.WARNING, "quiet", f"At {line.loudness_lufs:.0f} LUFS it is hardly audible."
    elif line.below_speaker_lu is not None and line.below_speaker_lu > limits.below_speaker_lu:
        message = f"It is {line.below_speaker_lu:.0f} LU quieter than the same speaker's other lines."
        yield Severity.WARNING, "quiet", message
    poor = limits.mos if usual.mos is None else min(limits.mos, usual.mos - limits.mos_below_usual)
    if line.mos is not None and line.mos < poor:
        yield Severity.WARNING, "poor-sound", f"Estimated quality {line.mos:.1f} of 5."


def _voice_faults(
    line: LineMeasures, limits: Limits, usual: TypicalMeasures
) -> Iterable[tuple[Severity, str, str]]:
    understood = usual.word_error is None or usual.word_error <= limits.word_error
    if understood and _is_misheard(line, limits):
        yield Severity.WARNING, "unclear", f"A recogniser missed {line.word_error:.0%} of the words."
    elif understood and _is_unsure(line, limits):
        message = f"A recogniser was unsure of it ({line.confidence:.0%} confident)."
        yield Severity.WARNING, "unclear", message
    if line.likeness is not None and line.likeness_other is not None and line.likeness < line.likeness_other:
        yield Severity.WARNING, "voice-strays", "It sounds more like another speaker than like its own."


def _is_misheard(line: LineMeasures, limits: Limits) -> bool:
    """Tell whether most words were missed, and most letters too.

    A recogniser that spells a word in another way ("acento" for "assento") has understood it.
    """
    if line.word_error is None or line.word_error <= limits.word_error:
        return False
    return letter_error(strip_sound_notes(line.translation), line.heard or "") > limits.word_error


def _is_unsure(line: LineMeasures, limits: Limits) -> bool:
    """Tell whether the recogniser was unsure of several words. Of one or two words it often is."""
    if line.confidence is None or line.confidence >= limits.confidence:
        return False
    return len((line.heard or "").split()) >= _FEWEST_WORDS


def judge_stems(
    stems: Stems, levels: Sequence[Levels], limits: Limits, aim: Aim | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong with the stems as files."""
    found = [("missing-stem", f"{name}.wav is missing.") for name in stems.missing]
    if stems.sum_error_steps is not None and stems.sum_error_steps > limits.sum_error_steps:
        steps = format_count(stems.sum_error_steps, "step")
        found.append(("stem-sum", f"DX and M&E differ from the mix by {steps} of 24 bit."))
    if stems.speakers_sum_error_steps is not None and stems.speakers_sum_error_steps > limits.sum_error_steps:
        steps = format_count(stems.speakers_sum_error_steps, "step")
        found.append(("speaker-sum", f"The speakers' stems differ from DX by {steps} of 24 bit."))
    if stems.outside_changed:
        samples = format_count(
            stems.outside_changed, "sample outside dialogue differs", "samples outside dialogue differ"
        )
        found.append(("outside-changed", f"{samples} from the original."))
    if stems.lengths_differ:
        found.append(("stem-lengths", "The stems differ in length."))
    errors = [Finding(None, 0, Severity.ERROR, code, message) for code, message in found]
    peak = limits.true_peak_dbtp if aim is None else aim.true_peak_dbtp
    warnings = [
        *(found for stem in levels for found in _stem_faults(stem, limits, peak)),
        *(_loudness_fault(aim) if aim else ()),
    ]
    return (*errors, *(Finding(None, 0, *one) for one in warnings))


def _stem_faults(stem: Levels, limits: Limits, peak: float) -> Iterable[tuple[Severity, str, str]]:
    is_mix = stem.stem == "MIX"
    if is_mix and stem.sample_peak_dbfs is None:
        yield Severity.WARNING, "silent-mix", "The mix is silent from beginning to end."
    if abs(stem.dc_offset) > limits.dc_offset:
        yield (
            Severity.WARNING,
            "stem-dc",
            f"{stem.stem} has a DC offset of {stem.dc_offset:+.1%} of full scale.",
        )
    if stem.clipped_samples:
        of = f"of {stem.stem}"
        samples = format_count(stem.clipped_samples, f"sample {of} is", f"samples {of} are")
        yield (
            Severity.ERROR,
            "stem-clipped",
            f"{samples} at full scale.",
        )
    elif is_mix and stem.true_peak_dbtp is not None and stem.true_peak_dbtp > peak:
        yield (
            Severity.WARNING,
            "true-peak",
            f"True peak {_format_beside(stem.true_peak_dbtp, peak)} dBTP, above {peak:.1f}.",
        )


def _loudness_fault(aim: Aim) -> Iterable[tuple[Severity, str, str]]:
    measured = aim.measured_lufs
    if measured is not None and abs(measured - aim.lufs) > aim.tolerance:
        what = f"{aim.name} wants {aim.lufs:.0f} LUFS"
        yield Severity.ERROR, "loudness", f"The mix measures {measured:.1f} LUFS, {what}."


def _format_beside(value: float, limit: float) -> str:
    """Return the value with as many digits as distinguish it from the limit."""
    digits = next((n for n in (1, 2, 3) if f"{value:.{n}f}" != f"{limit:.{n}f}"), 4)
    return f"{value:.{digits}f}"


def judge_language(lines: Sequence[LineMeasures], target: str, rate: int) -> tuple[Finding, ...]:
    """Find lines heard in another language than the dub's, or in the words of the original.

    A recogniser guesses the language of a short line. So it counts only where the words are missed too, in
    lines long enough to tell, and not when most lines are heard in another language.
    """
    recognised = [line for line in lines if line.heard_language is not None]
    others = {line.id for line in recognised if line.heard_language != target}
    trusted = len(others) * 2 <= len(recognised) or len(recognised) <= 2
    wanted = languages.language_name(target)
    return tuple(
        Finding(
            line.id,
            line.start if line.placed_start is None else line.placed_start,
            Severity.ERROR,
            "wrong-language",
            f"It is heard in {_name_language(line)}, not in {wanted}: “{line.heard}”.",
        )
        for line in lines
        if _is_original_heard(line)
        or (
            _is_mostly_missed(line)
            and (
                _is_original_wording(line) or (trusted and line.id in others and _is_long_enough(line, rate))
            )
        )
    )


def _is_original_heard(line: LineMeasures) -> bool:
    """Tell whether the original was heard nearly word for word.

    Between near languages most letters are right all the same: "Todos os dias" for "Todos los días".
    """
    heard, missed = line.heard or "", line.word_error or 0.0
    enough = len(heard.split()) >= _FEWEST_WORDS
    return enough and missed > _MISSED and word_error(strip_sound_notes(line.text), heard) <= _SAME_WORDS


def _is_long_enough(line: LineMeasures, rate: int) -> bool:
    start, end = line.placed_start, line.placed_end
    return start is not None and end is not None and end - start >= _LANGUAGE_SECONDS * rate


def _is_mostly_missed(line: LineMeasures) -> bool:
    error = line.word_error
    if not line.heard or error is None or error <= _MISSED:
        return False
    return letter_error(strip_sound_notes(line.translation), line.heard) > _MISSED


def _is_original_wording(line: LineMeasures) -> bool:
    return word_error(line.text, line.heard or "") <= _MISSED < word_error(line.text, line.translation)


def _name_language(line: LineMeasures) -> str:
    if line.heard_language is None or _is_original_wording(line):
        return "the words of the original"
    return languages.language_name(line.heard_language)


def judge_stray_speech(spans: Sequence[tuple[int, int]], rate: int) -> tuple[Finding, ...]:
    """Report speech that is left in the M&E where there is no line."""
    return tuple(
        Finding(
            None,
            start,
            Severity.WARNING,
            "original-speech",
            f"Somebody speaks in the M&E for {(end - start) / rate:.1f} s where there is no line.",
        )
        for start, end in spans
    )


def judge_regions(regions: Sequence[Region], limits: Limits) -> tuple[Finding, ...]:
    """Find regions where the bed is not good enough. Hollow ones are one finding: they come with the
    separator."""
    found = [
        _residue_finding(region.start, region.residue_db, limits)
        for region in regions
        if region.residue_db is not None and region.residue_db > limits.residue_db
    ]
    empty = [
        region for region in regions if region.hollow_db is not None and region.hollow_db > limits.hollow_db
    ]
    if empty:
        stretches = format_count(len(regions), "stretch", "stretches")
        message = (
            f"In {len(empty)} of {stretches} the bed is over {limits.hollow_db:.0f} dB emptier than the "
            "scene next to it; --fill adds room tone there."
        )
        found.append(Finding(None, empty[0].start, Severity.INFO, "hollow", message))
    return tuple(found)


def _residue_finding(position: int, residue: float, limits: Limits) -> Finding:
    if residue < limits.voice_stays_db:
        message = f"The original voice is still audible in the M&E, {-residue:.0f} dB down."
        return Finding(None, position, Severity.WARNING, "residue", message)
    message = (
        "The original voice is still in the M&E, hardly weaker than before: the separator found little of it."
    )
    return Finding(None, position, Severity.ERROR, "residue", message)
