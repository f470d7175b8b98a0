"""Make the report's page: one self-contained file with styles, script, plots and sounds inside.

Every word that comes from the project is escaped. The page's own policy forbids it to load anything.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from statistics import median

from rythmo.counts import format_count
from rythmo.qc import report_charts
from rythmo.qc.findings import BAND, Limits
from rythmo.qc.report_clips import Clip
from rythmo.qc.report_costs import costs_table
from rythmo.qc.report_model import Finding, QcReport
from rythmo.qc.report_tables import (
    DASH,
    MARKS,
    MINUS,
    ORDER,
    embed_sounds,
    findings_table,
    lines_table,
    use_minus_signs,
)
from rythmo.script.checks import is_colour
from rythmo.script.model import Severity

_PREFERRED = Limits().preferred_speed
_PALETTE = ("#3f7fbf", "#c77d2e", "#4f9a5f", "#a05fae", "#c0505a", "#2f9a9a", "#8a8f3a", "#7a6ad0")


def render_page(report: QcReport, clips: Mapping[str, Clip]) -> str:
    """Return the whole page."""
    worst = _worst_by_line(report.findings)
    colours = {
        speaker: colour if colour and is_colour(colour) else _PALETTE[index % len(_PALETTE)]
        for index, (speaker, _, colour) in enumerate(report.speakers)
    }
    assets = files("rythmo.qc") / "assets"
    style, script = ((assets / name).read_text("utf-8") for name in ("report.css", "report.js"))
    title = escape(f"{report.programme}: quality of the dub")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(script)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f"{_head(report)}{_cards(report)}{_plots(report, colours, worst)}"
        f"{findings_table(report, clips)}{lines_table(report, colours, clips)}"
        f"{costs_table(report)}{_foot(report)}"
        f"</main>\n{embed_sounds(clips)}<script>{script}</script>\n</body>\n</html>\n"
    )


def _policy(script: str) -> str:
    """Return a policy under which nothing is loaded, and only the page's own script runs."""
    digest = b64encode(sha256(script.encode()).digest()).decode("ascii")
    own = f"script-src 'sha256-{digest}'"
    return f"default-src 'none'; style-src 'unsafe-inline'; {own}; media-src data:; base-uri 'none'"


def _worst_by_line(findings: Iterable[Finding]) -> dict[str, Severity]:
    worst: dict[str, Severity] = {}
    for finding in findings:
        if finding.line is not None:
            now = worst.get(finding.line, Severity.INFO)
            worst[finding.line] = min(now, finding.severity, key=ORDER.__getitem__)
    return worst


def _head(report: QcReport) -> str:
    counts = {grade: sum(f.severity == grade for f in report.findings) for grade in Severity}
    pills = [
        f'<span class="pill {grade}">{MARKS[grade]} {format_count(counts[grade], word)}</span>'
        for grade, word in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note"))
        if counts[grade]
    ]
    if not counts[Severity.ERROR]:
        pills.insert(0, '<span class="pill good">✓ No errors</span>')
    seconds = report.length / report.sample_rate
    where = (
        f"{report.source_language} to {report.target_language}, {_minutes(seconds)}, "
        f"{format_count(len(report.speakers), 'speaker')}, {format_count(len(report.lines), 'line')}"
    )
    return (
        f'<header><h1>{escape(report.programme)}</h1><p class="where">{escape(where)}</p>'
        f'<div class="verdict">{"".join(pills)}</div></header>\n'
    )


def _cards(report: QcReport) -> str:
    cards = [card(report) for card in (_fit_card, _placement_card, _loudness_card, _stems_card, _bed_card)]
    for subtitle in report.subtitles:
        faults = subtitle.too_fast + subtitle.too_long + subtitle.too_short + subtitle.gaps_too_small
        fastest = f"{subtitle.fastest_cps:.0f} characters a second at most" if subtitle.fastest_cps else ""
        state = "fine" if not faults else "hmm"
        title = f"Subtitles ({subtitle.language})"
        cards.append(
            _card(
                title,
                format_count(subtitle.cues, "cue"),
                f"{format_count(faults, 'fault')}. {fastest}",
                state,
            )
        )
    return f'<section class="cards" aria-label="Overview">{"".join(cards)}</section>\n'


def _fit_card(report: QcReport) -> str:
    share = report.fit.share_in_band
    if share is None:
        return _card("Lines that fit", DASH, "No line is in the mix.", "bad")
    speed = f"Fastest {report.fit.fastest:.2f}x. " if report.fit.fastest else ""
    text = f"{report.fit.in_band} of {report.fit.placed} within {MINUS}10% to +20%. {speed}"
    return _card("Lines that fit", f"{share:.0%}", text, "fine" if share >= 0.9 else "hmm")


def _placement_card(report: QcReport) -> str:
    errors = [abs(line.placement_ms) for line in report.lines if line.placement_ms is not None]
    if not errors:
        return _card("Line starts", DASH, "Nothing was measured.", "bad")
    bad = any(found.code == "misplaced" for found in report.findings)
    return _card(
        "Line starts",
        f"{median(errors):.1f} ms",
        f"off at the median, {max(errors):.1f} ms at most",
        "bad" if bad else "fine",
    )


def _loudness_card(report: QcReport) -> str:
    mix = next((stem for stem in report.levels if stem.stem == "MIX"), None)
    if mix is None or mix.integrated_lufs is None:
        return _card("Mix loudness", DASH, "Silence, or no mix.", "bad")
    peak = f"true peak {mix.true_peak_dbtp:.1f} dBTP" if mix.true_peak_dbtp is not None else ""
    codes = {found.code for found in report.findings}
    bad = bool(codes & {"stem-clipped", "loudness"})
    state = "bad" if bad else "hmm" if codes & {"true-peak", "stem-dc"} else "fine"
    aim = report.aim
    if aim is None or aim.measured_lufs is None:
        return _card("Mix loudness", f"{mix.integrated_lufs:.1f} LUFS", peak, state)
    over = " over its dialogue" if aim.by_dialogue else ""
    wanted = f"{aim.name} wants {aim.lufs:.0f}{over}; {peak}, {aim.true_peak_dbtp:.0f} at most"
    return _card("Mix loudness", f"{aim.measured_lufs:.1f} LUFS", wanted, state)


def _stems_card(report: QcReport) -> str:
    stems = report.stems
    if stems.sum_error_steps is None:
        return _card("Stems", DASH, f"Missing: {', '.join(stems.missing)}", "bad")
    changed = format_count(stems.outside_changed or 0, "sample")
    outside = {
        None: "original not compared",
        0: "the original to the bit outside dialogue",
    }.get(stems.outside_changed, f"{changed} changed outside dialogue")
    bad = stems.sum_error_steps > 1 or bool(stems.outside_changed)
    off = format_count(stems.sum_error_steps, "step")
    steps = f"{off} off" if stems.sum_error_steps else "Exact sum"
    return _card("Stems", steps, outside, "bad" if bad else "fine")


def _bed_card(report: QcReport) -> str:
    if report.residue_db is None:
        return _card("Voice left in M&amp;E", DASH, "not measured", "", plain=False)
    hollow = [region.hollow_db for region in report.regions if region.hollow_db is not None]
    room = f"bed {median(hollow):.0f} dB emptier than around it" if hollow else ""
    state = "fine" if report.residue_db <= -20 else "hmm"
    return _card("Voice left in M&amp;E", f"{report.residue_db:.0f} dB", room, state, plain=False)


def _card(title: str, big: str, text: str, state: str, *, plain: bool = True) -> str:
    name = escape(title) if plain else title
    return (
        f'<div class="card {state}"><h2>{name}</h2>'
        f'<div class="big">{escape(use_minus_signs(big))}</div><p>{escape(use_minus_signs(text))}</p></div>'
    )


def _plots(report: QcReport, colours: Mapping[str, str], worst: Mapping[str, Severity]) -> str:
    low, high = BAND
    lanes = report_charts.draw_lanes(report, colours, worst)
    return (
        '<h2>Over time</h2><div class="two"><div class="panel">'
        f'<div class="wide" tabindex="0"><h3>Who speaks when</h3>{lanes}'
        f"<h3>Loudness of the mix, LUFS</h3>{report_charts.draw_loudness(report)}</div>"
        '<p class="note">Grey bands: the separated bed stands in for the original. '
        "Dashed: integrated loudness. "
        "Outlined takes have findings; a click leads to the line.</p></div>"
        f'<div class="panel"><h3>How lines fill their time</h3>{report_charts.draw_fit_histogram(report)}'
        f'<p class="note">Blue: within {low:.0%} to {high:.0%} of the original line.</p>'
        f"{_speeds(report)}</div></div>\n"
    )


def _speeds(report: QcReport) -> str:
    """List how many lines play faster or slower than they were spoken."""
    speeds = [line.speed for line in report.lines if line.speed is not None]
    if not speeds:
        return ""
    rows = (
        ("As spoken", [speed for speed in speeds if speed == 1]),
        ("Slowed", [speed for speed in speeds if speed < 1]),
        ("Up to 1.2x", [speed for speed in speeds if 1 < speed <= _PREFERRED]),
        ("Faster", [speed for speed in speeds if speed > _PREFERRED]),
    )
    cells = "".join(
        f"<dt>{name}</dt><dd>{format_count(len(found), 'line')}{_range(found)}</dd>" for name, found in rows
    )
    return f'<h3>How fast they play</h3><dl class="speeds">{cells}</dl>'


def _range(speeds: Sequence[float]) -> str:
    low, high = min(speeds, default=1.0), max(speeds, default=1.0)
    if low == high == 1:
        return ""
    return f", {low:.2f}x" if f"{low:.2f}" == f"{high:.2f}" else f", {low:.2f}x to {high:.2f}x"


def _foot(report: QcReport) -> str:
    used = ", ".join(f"{kind}: {stamp}" for kind, stamp in report.engines)
    marks = "".join(f"<p>{escape(text)}</p>" for text in (report.disclosure, report.provenance) if text)
    return (
        f"<footer>{marks}<p>Made with {escape(used) or 'no engines'}. Measured from the delivered stems; "
        "loudness after "
        "ITU-R BS.1770-4. The same figures for programs are in report.json.</p></footer>\n"
    )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 600 else f"{int(seconds // 60)} min {seconds % 60:.0f} s"
