"""Draw the report's plots as inline SVG. Their colours come from the page's style sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from rythmo.counts import format_count
from rythmo.qc.findings import BAND
from rythmo.qc.report_model import QcReport
from rythmo.script.model import Severity

# Sizes in units of the SVG's view box.
_WIDTH = 1100
_LEFT, _RIGHT = 96, 12
_LANE, _BAR = 30, 18
_CURVE_HEIGHT = 130
_QUIETEST, _LOUDEST = -60.0, -5.0
# Seconds between the ticks of the time axis: the first that gives few enough of them.
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_MOST_TICKS = 12
# Points of the loudness curve: about one for each pixel.
_DRAWN = 1000


@dataclass(frozen=True, slots=True)
class _Axis:
    """The time axis, from left to right."""

    length: int
    rate: int

    def x(self, sample: int) -> float:
        width = _WIDTH - _LEFT - _RIGHT
        return round(_LEFT + width * min(sample, self.length) / max(1, self.length), 2)

    def ticks(self) -> Iterable[tuple[float, str]]:
        seconds = self.length / self.rate
        step = next((step for step in _STEPS if seconds / step <= _MOST_TICKS), 7200)
        for second in range(0, int(seconds) + 1, step):
            yield self.x(second * self.rate), _clock(second)


def draw_lanes(report: QcReport, colours: Mapping[str, str], worst: Mapping[str, Severity]) -> str:
    """Draw a lane for each speaker with its takes, over the regions where the bed is used."""
    axis = _Axis(report.length, report.sample_rate)
    height = _LANE * max(1, len(report.speakers)) + 26
    parts = [_grid(axis, height - 22)]
    for region in report.regions:
        width = max(0.5, axis.x(region.end) - axis.x(region.start))
        parts.append(
            f'<rect class="bed" x="{axis.x(region.start)}" y="0" width="{width:.2f}" height="{height - 22}"/>'
        )
    for row, (speaker, name, _) in enumerate(report.speakers):
        top = row * _LANE + (_LANE - _BAR) / 2
        parts.append(f'<text class="name" x="0" y="{top + 13}">{escape(_short(name or speaker))}</text>')
        for line in report.lines:
            if line.speaker != speaker or line.placed_start is None or line.placed_end is None:
                continue
            left, width = axis.x(line.placed_start), axis.x(line.placed_end) - axis.x(line.placed_start)
            grade = worst.get(line.id)
            kind = f"take {grade}" if grade in (Severity.ERROR, Severity.WARNING) else "take"
            title = escape(f"{line.id}: {line.translation}")
            parts.append(
                f'<a href="#{escape(line.id)}"><rect class="{kind}" x="{left}" y="{top}" rx="3" '
                f'width="{max(2.0, width):.2f}" height="{_BAR}" fill="{escape(colours[speaker])}">'
                f"<title>{title}</title></rect></a>"
            )
    return _svg("Takes of each speaker over time; grey bands show where the bed is used", height, parts)


def draw_loudness(report: QcReport) -> str:
    """Draw the loudness of the mix over time, with its integrated value."""
    curve = report.loudness_curve
    if not curve:
        return '<p class="note">There is no mix to measure.</p>'
    axis = _Axis(report.length, report.sample_rate)
    parts = [_grid(axis, _CURVE_HEIGHT)]
    for level in (-50, -40, -30, -20, -10):
        parts.append(
            f'<text x="{_LEFT - 8}" y="{_y(level) + 4}" text-anchor="end">\N{MINUS SIGN}{-level}</text>'
        )
        parts.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_y(level)}" y2="{_y(level)}"/>'
        )
    stride = max(1, len(curve) // _DRAWN)
    for piece in _split_at_silences(curve, stride):
        points = " ".join(f"{axis.x(second * axis.rate)},{_y(value)}" for second, value in piece)
        parts.append(f'<polyline class="curve" points="{points}"/>')
    whole = next((stem.integrated_lufs for stem in report.levels if stem.stem == "MIX"), None)
    if whole is not None:
        parts.append(
            f'<line class="level" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_y(whole)}" y2="{_y(whole)}"/>'
        )
    return _svg("Momentary loudness of the mix in LUFS over time", _CURVE_HEIGHT + 22, parts)


def draw_fit_histogram(report: QcReport) -> str:
    """Draw how many lines take which share of the original line's time."""
    bins = [(edge, count) for edge, count in report.fit.histogram if 0.4 <= edge < 1.8]
    most = max([1, *(count for _, count in bins)])
    width, height, base = 360, 190, 150
    step = (width - 20) / len(bins)
    parts = []
    for index, (edge, count) in enumerate(bins):
        tall, left = round(120 * count / most, 1), 10 + index * step
        inside = "bin in" if BAND[0] - 0.05 <= edge < BAND[1] - 0.05 else "bin"
        label = f"{edge:.1f} to {edge + 0.1:.1f} of the time: {format_count(count, 'line')}"
        parts.append(
            f'<rect class="{inside}" x="{left:.1f}" y="{base - tall}" '
            f'width="{step - 3:.1f}" height="{tall}" rx="2">'
            f"<title>{label}</title></rect>"
        )
        if count:
            parts.append(
                f'<text x="{left + step / 2 - 1.5:.1f}" y="{base - tall - 5}" '
                f'text-anchor="middle">{count}</text>'
            )
        if index % 2 == 0:
            parts.append(f'<text x="{left:.1f}" y="{base + 17}" text-anchor="middle">{edge:.1f}</text>')
    parts.append(f'<line class="grid" x1="6" x2="{width - 6}" y1="{base}" y2="{base}"/>')
    parts.append(
        f'<text x="{width / 2}" y="{height - 3}" text-anchor="middle">placed length / original length</text>'
    )
    return _svg("Fit of the lines", height, parts, width)


def _split_at_silences(curve: tuple[float | None, ...], stride: int) -> Iterable[list[tuple[int, float]]]:
    """Yield the pieces of the curve between silences, the loudest value of each `stride` seconds."""
    piece: list[tuple[int, float]] = []
    for second in range(0, len(curve), stride):
        heard = [value for value in curve[second : second + stride] if value is not None]
        if heard:
            piece.append((second, max(heard)))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _grid(axis: _Axis, height: float) -> str:
    lines = (
        f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{height}"/>'
        f'<text x="{x}" y="{height + 17}" text-anchor="middle">{label}</text>'
        for x, label in axis.ticks()
    )
    return "".join(lines)


def _svg(label: str, height: float, parts: Iterable[str], width: int = _WIDTH) -> str:
    inside = "".join(parts)
    role = "group" if "<a " in inside else "img"  # an image may hold nothing to be reached by the keyboard
    return f'<svg viewBox="0 0 {width} {height}" role="{role}" aria-label="{escape(label)}">{inside}</svg>'


def _y(lufs: float) -> float:
    share = (min(_LOUDEST, max(_QUIETEST, lufs)) - _QUIETEST) / (_LOUDEST - _QUIETEST)
    return round(_CURVE_HEIGHT * (1 - share), 2)


def _clock(second: int) -> str:
    hours, rest = divmod(second, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _short(name: str) -> str:
    return name if len(name) <= 12 else name[:11] + "…"
