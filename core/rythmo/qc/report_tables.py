"""Make the report's tables, and the sounds that their buttons play."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from fractions import Fraction
from html import escape

from rythmo.qc.findings import BAND
from rythmo.qc.report_clips import Clip, name_clip
from rythmo.qc.report_model import Finding, LineMeasures, QcReport
from rythmo.script.model import Severity
from rythmo.script.takes import TakeKind
from rythmo.timebase import format_timecode, nearest_frame

ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
MARKS = {Severity.ERROR: "✕", Severity.WARNING: "!", Severity.INFO: "i"}
DASH, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
_NONE = f'<span class="dash">{DASH}</span>'
# Findings in the list. The table of lines has all of them.
_SHOWN = 300


def use_minus_signs(text: str) -> str:
    """Replace a hyphen before a digit by a minus sign, unless a letter or a hyphen comes before it."""
    return re.sub(r"(?<![\w-])-(?=\d)", MINUS, text)


def findings_table(report: QcReport, clips: Mapping[str, Clip]) -> str:
    """Return the table of findings, the worst first."""
    if not report.findings:
        return "<h2>What to look at</h2><p>Nothing was found.</p>\n"
    heads = _heads(("How bad", ""), ("Where", ""), ("Line", ""), ("What", ""), ("Listen", "-"))
    rows = []
    for found in report.findings[:_SHOWN]:
        line = f'<a href="#{escape(found.line)}">{escape(found.line)}</a>' if found.line else _NONE
        rows.append(
            f'<tr><td data-key="{ORDER[found.severity]}">{_pill(found.severity)}</td>'
            f'<td class="code" data-key="{found.position}">{_timecode(report, found.position)}</td>'
            f'<td class="code" data-key="{escape(found.line or "")}">{line}</td>'
            f'<td class="what">{escape(use_minus_signs(found.message))}</td>'
            f"<td>{_play_buttons(name_clip(found), clips)}</td></tr>"
        )
    more = len(report.findings) - len(rows)
    note = (
        f'<p class="note">{more} more stand in the table of lines and in report.json.</p>' if more > 0 else ""
    )
    return f"<h2>What to look at</h2>{_table(heads, rows, 'findings')}{note}\n"


def lines_table(report: QcReport, colours: Mapping[str, str], clips: Mapping[str, Clip]) -> str:
    """Return the table of every line with its measures, findings and sounds."""
    names = {speaker: name or speaker for speaker, name, _ in report.speakers}
    of_line: dict[str, list[Finding]] = {}
    for found in report.findings:
        of_line.setdefault(found.line or "", []).append(found)
    columns = [("Line", ""), ("Speaker", ""), ("Starts", ""), ("Says", "")]
    columns += [(name, "number") for name, _, _ in _NUMBERS if _is_used(report, name)]
    heads = _heads(*columns, ("Findings", ""))
    rows = [_line(report, line, names, colours, of_line.get(line.id, []), clips) for line in report.lines]
    return f"<h2>Every line</h2>{_table(heads, rows, 'lines')}\n"


_NUMBERS = (
    ("Fit", "fit", "{:.0%}"),
    ("Speed", "speed", "{:.2f}x"),
    ("Off, ms", "placement_ms", "{:.1f}"),
    ("LUFS", "loudness_lufs", "{:.1f}"),
    ("Words missed", "word_error", "{:.0%}"),
    ("Own voice", "likeness", "{:.2f}"),
    ("Others'", "likeness_other", "{:.2f}"),
    ("MOS", "mos", "{:.1f}"),
    ("Mouth, original", "sync_original", "{:.2f}"),
    ("Mouth, dub", "sync_dub", "{:.2f}"),
    ("Mouth, new lips", "sync_lips", "{:.2f}"),
    ("SyncNet (our crops), original", "syncnet_original", "{:.1f}"),
    ("SyncNet (our crops), dub", "syncnet_dub", "{:.1f}"),
    ("SyncNet (our crops), new lips", "syncnet_lips", "{:.1f}"),
)


_SCREEN = {
    "on": "on screen",
    "off": "off screen",
    "partly": "partly on screen",
    "unclear": "unclear who is seen",
}


def _is_used(report: QcReport, column: str) -> bool:
    field = next(field for name, field, _ in _NUMBERS if name == column)
    return any(getattr(line, field) is not None for line in report.lines)


def _line(
    report: QcReport,
    line: LineMeasures,
    names: Mapping[str, str],
    colours: Mapping[str, str],
    findings: Iterable[Finding],
    clips: Mapping[str, Clip],
) -> str:
    cells = "".join(
        _number(name, getattr(line, field), form) for name, field, form in _NUMBERS if _is_used(report, name)
    )
    said = "".join(
        f"<li>{_pill(found.severity)} {escape(use_minus_signs(found.message))}</li>" for found in findings
    )
    grade = min((ORDER[found.severity] for found in findings), default=3)
    flags = f'<ul class="flags">{said}</ul>' if said else ""
    plays = _play_buttons(line.id, clips) if line.id in clips else ""
    colour = escape(colours.get(line.speaker, "currentColor"))
    name = escape(names.get(line.speaker, line.speaker))
    human = '<span class="source">human take</span>' if line.voice is TakeKind.HUMAN else ""
    if line.on_screen:
        human += f'<span class="source">{_SCREEN.get(line.on_screen, line.on_screen)}</span>'
    if line.lips:
        human += f'<span class="source">new lips: {escape(line.lips)}</span>'
    who = f'<span class="who"><span class="dot" style="background:{colour}"></span>{name}</span>'
    return (
        f'<tr id="{escape(line.id)}"><td class="code">{escape(line.id)}</td><td>{who}{human}</td>'
        f'<td class="code" data-key="{line.start}">{_timecode(report, line.start)}</td>'
        f'<td class="words">{escape(line.translation) or _NONE}'
        f'<span class="source">{escape(line.text)}</span></td>'
        f'{cells}<td class="found" data-key="{grade}">{flags}{plays}</td></tr>'
    )


def _number(name: str, value: float | None, form: str) -> str:
    label = f'data-label="{escape(name)}"'
    if value is None:
        return f'<td class="number" {label} data-key="">{_NONE}</td>'
    off = " off" if name == "Fit" and not BAND[0] <= value <= BAND[1] else ""
    shown = form.format(value).replace("-", MINUS)
    return f'<td class="number{off}" {label} data-key="{value}">{shown}</td>'


def _heads(*columns: tuple[str, str]) -> str:
    """Return table heads of (name, class). A column of class "-" cannot be sorted."""
    cells = (
        f'<th scope="col">{name}</th>'
        if kind == "-"
        else f'<th scope="col" class="{kind}"><button type="button">{escape(name)}</button></th>'
        for name, kind in columns
    )
    return "".join(cells)


def _table(heads: str, rows: Iterable[str], kind: str) -> str:
    body = "\n".join(rows)
    return (
        f'<div class="scroll" tabindex="0"><table class="{kind}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _pill(severity: Severity) -> str:
    word = "note" if severity == Severity.INFO else str(severity)
    return f'<span class="pill {severity}">{MARKS[severity]} {word}</span>'


def _play_buttons(line: str | None, clips: Mapping[str, Clip]) -> str:
    clip = clips.get(line or "")
    if clip is None or line is None:
        return _NONE
    buttons = [_button(line, "dub", clip.label)]
    if clip.original is not None:
        buttons.append(_button(line, "was", "Original"))
    return f'<div class="plays">{"".join(buttons)}</div>'


def _button(line: str, which: str, label: str) -> str:
    name = escape(f"{which}-{line}")
    return (
        f'<button type="button" class="play" data-clip="{name}" aria-pressed="false" '
        f'aria-label="{escape(label)}, {escape(line)}">▶ {escape(label)}</button>'
    )


def embed_sounds(clips: Mapping[str, Clip]) -> str:
    """Return the clips as hidden audio elements with data URLs."""
    out = []
    for line, clip in clips.items():
        for which, sound in (("dub", clip.dubbed), ("was", clip.original)):
            if sound is not None:
                data = b64encode(sound).decode("ascii")
                name = escape(f"{which}-{line}")
                out.append(
                    f'<audio id="{name}" preload="none" src="data:audio/mpeg;base64,{data}"></audio>\n'
                )
    return "".join(out)


def _timecode(report: QcReport, position: int) -> str:
    rate = Fraction(report.frame_rate)
    frame = report.start_frame + nearest_frame(position, rate, report.sample_rate)
    return format_timecode(frame, rate, drop=report.drop)
