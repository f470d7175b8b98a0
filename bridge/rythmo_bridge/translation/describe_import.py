"""Describes an import, for people who read and for programs."""

from __future__ import annotations

from typing import Any

import msgspec

from rythmo.counts import format_count
from rythmo_bridge.translation.pairs import Decision, Import, Pair

_WIDEST = 44
_MISSING_SHOWN = 8


def format_import(found: Import, decision: Decision, *, everything: bool = False) -> str:
    """Return a table of what would be taken and what is refused, with its sums."""
    blocks = [_format_pair(pair, decision) for pair in (found.pairs if everything else found.changed)]
    counts = found.counts
    sums = [
        format_count(counts["words"], "translation"),
        format_count(counts["corrections"], "correction of the original", "corrections of the original"),
        f"{format_count(counts['extras'], 'row')} with a state, a direction or comments",
        f"{counts['refused']} refused",
        f"{counts['same']} the same",
    ]
    lines = [f"{found.name} ({found.form})", *blocks, "", f"{', '.join(sums)}."]
    if found.missing:
        shown = ", ".join(found.missing[:_MISSING_SHOWN])
        more = " ..." if len(found.missing) > _MISSING_SHOWN else ""
        lines.append(_tell_missing(len(found.missing)) + f"{shown}{more}.")
    return "\n".join(lines)


def _tell_missing(count: int) -> str:
    stays = "stays as it is" if count == 1 else "stay as they are"
    return f"{format_count(count, 'line is', 'lines are')} not in the file and {stays}: "


def _format_pair(pair: Pair, decision: Decision) -> str:
    taken = pair.id in decision.words | decision.corrections | decision.extras
    head = (
        f"{'+' if taken else '-'} {pair.id:>5}  {pair.line or '(no line)':10} {pair.by and f'by {pair.by}'}"
    )
    rows = [head.rstrip()]
    if pair.refusal:
        rows.append(f"          REFUSED: {pair.refusal.message}")
        if pair.target:
            rows.append(f"          “{_shorten(pair.target)}”")
    if pair.new_target is not None and pair.id in decision.words:
        rows.append(f"          {_shorten(pair.translation) or '(nothing)'}  →  {_shorten(pair.new_target)}")
    if pair.correction is not None:
        what = "original" if pair.id in decision.corrections else "original (offered; --corrections takes it)"
        rows.append(f"          {what}: {_shorten(pair.text)}  →  {_shorten(pair.correction)}")
    if pair.id in decision.extras:
        if pair.direction is not None:
            rows.append(f"          direction: {pair.direction or '(none)'}")
        if pair.state is not None:
            rows.append(f"          state: {pair.state}")
        rows += [f"          comment: {_shorten(comment.text)}" for comment in pair.comments]
    rows += [f"          note: {note}" for note in pair.notes]
    return "\n".join(rows)


def _shorten(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def import_data(found: Import, decision: Decision) -> dict[str, Any]:
    """Return the import as plain values, with what is taken of each pair."""
    return {
        "file": found.name,
        "form": found.form,
        "counts": found.counts,
        "missing": list(found.missing),
        "notes": list(found.notes),
        "rows": [
            {
                **msgspec.to_builtins(pair),
                "words_taken": pair.id in decision.words,
                "correction_taken": pair.id in decision.corrections,
                "extras_taken": pair.id in decision.extras,
            }
            for pair in found.changed
        ],
    }
