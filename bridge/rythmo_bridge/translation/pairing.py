"""Pair the rows of a table, or the cues of a subtitle file, with the lines of a script. Pure.

By id first. Rows without an id are paired by the words of the original, in order, and the rest by time, as
the cues of a subtitle file are. Nothing is taken here: what would change is shown to a person first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from rythmo.counts import format_count
from rythmo.script.answer_wrapping import strip_wrapping
from rythmo.script.clean_text import join_to_one_line
from rythmo.script.glossary import fold_text
from rythmo.script.model import Line, Script
from rythmo.script.review_state import ReviewState
from rythmo.script.subtitle_file import FileCue
from rythmo.stages.script_timing import rebase_cues
from rythmo.stages.user_translation import pair_translation
from rythmo.timebase import SAMPLE_RATE
from rythmo_bridge.translation.pairs import NewComment, Pair, PairedBy, Refusal, RefusalCode
from rythmo_bridge.translation.refusals import Judge
from rythmo_bridge.translation.rows import TableRow
from rythmo_bridge.translation.table_export import format_comment
from rythmo_bridge.translation.version_stamp import hash_words

_SHOWN_SHIFT = SAMPLE_RATE // 20


@dataclass(frozen=True, slots=True)
class Pairing:
    """Pairs in the order of the file, and remarks on the whole file."""

    pairs: tuple[Pair, ...]
    notes: tuple[str, ...] = ()


def pair_rows(script: Script, rows: Sequence[TableRow], terms: Mapping[str, str]) -> Pairing:
    """Pair the rows of a table with the lines of the script, and say what each would change.

    `terms` is the project's glossary, for the checks of words.
    """
    maker = _PairMaker(script, terms)
    notes: list[str] = []
    known = {line.id for line in script.lines}
    if any(row.id for row in rows) and not any(row.id in known for row in rows):
        notes.append("No id in the table is that of a line: the rows were paired by their words and times.")
        rows = [replace(row, id="") for row in rows]
    by_id = [row for row in rows if row.id]
    others, more = _pair_without_ids(script, [row for row in rows if not row.id], by_id, maker)
    pairs = [*_pair_by_id(by_id, maker), *others]
    return Pairing(tuple(sorted(pairs, key=lambda pair: pair.rows)), (*notes, *more))


def pair_cues(script: Script, cues: Sequence[FileCue], terms: Mapping[str, str]) -> Pairing:
    """Pair the cues of a subtitle file with the lines of the script, by their times."""
    pairs, notes = _pair_by_time(script.lines, cues, _PairMaker(script, terms), {})
    return Pairing(tuple(sorted(pairs, key=lambda pair: pair.rows)), tuple(notes))


def _pair_by_id(rows: Sequence[TableRow], maker: _PairMaker) -> list[Pair]:
    counts = Counter(row.id for row in rows)
    words: dict[str, set[str]] = {}
    for row in rows:
        words.setdefault(row.id, set()).add(row.target or "")
    pairs, seen = [], set()
    for row in rows:
        line = maker.lines.get(row.id)
        if line is None:
            pairs.append(maker.refuse(row, RefusalCode.UNKNOWN_ID, maker.tell_unknown(row.id)))
        elif counts[row.id] > 1 and len(words[row.id]) > 1:
            why = f"{row.id} stands on {format_count(counts[row.id], 'row')} with different words."
            pairs.append(maker.refuse(row, RefusalCode.TWICE, why))
        elif row.id in seen:
            pairs.append(maker.refuse(row, RefusalCode.TWICE, f"{row.id} stands on a row above already."))
        else:
            seen.add(row.id)
            pairs.append(maker.make(row, line, PairedBy.ID))
    return pairs


def _pair_without_ids(
    script: Script, rows: Sequence[TableRow], with_id: Sequence[TableRow], maker: _PairMaker
) -> tuple[list[Pair], list[str]]:
    taken = {row.id for row in with_id}
    lines = [line for line in script.lines if line.id not in taken]
    pairs: list[Pair] = []
    rest: list[TableRow] = []
    originals = [fold_text(line.text) for line in lines]
    matched = _match_originals([fold_text(row.source or "") for row in rows], originals)
    for number, row in enumerate(rows):
        place = matched.get(number)
        if place is None:
            rest.append(row)
        else:
            pairs.append(maker.make(row, lines[place], PairedBy.TEXT))
    free = [line for number, line in enumerate(lines) if number not in set(matched.values())]
    timed = {row.number: row for row in rest if row.start is not None and row.target}
    cues = [_make_cue(row) for row in timed.values()]
    by_time, notes = _pair_by_time(free, cues, maker, timed)
    for row in rest:
        if row.number not in timed:
            why = "It has no id, no time, and no line has its original."
            pairs.append(maker.refuse(row, RefusalCode.NO_LINE, why))
    return [*pairs, *by_time], notes


def _match_originals(rows: Sequence[str], lines: Sequence[str]) -> dict[int, int]:
    """Return row -> line for equal originals: in order, so that the second "Yes." is the second one's."""
    matcher = SequenceMatcher(None, rows, lines, autojunk=False)
    found = {
        block.a + step: block.b + step
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
        if rows[block.a + step]
    }
    # Words that stand once on both sides are a pair wherever the row was sorted to.
    once = {text: place for place, text in enumerate(lines) if lines.count(text) == 1} if lines else {}
    used = set(found.values())
    for number, text in enumerate(rows):
        place = once.get(text)
        if number not in found and text and place is not None and place not in used:
            found[number] = place
            used.add(place)
    return found


def _make_cue(row: TableRow) -> FileCue:
    start = row.start or 0
    end = row.end if row.end is not None and row.end > start else start + SAMPLE_RATE
    return FileCue(start, end, row.target or "", row.character or None, line=row.number)


def _pair_by_time(
    lines: Sequence[Line], cues: Sequence[FileCue], maker: _PairMaker, rows: Mapping[int, TableRow]
) -> tuple[list[Pair], list[str]]:
    if not cues:
        return [], []
    rebased, by_timecode = rebase_cues(cues, maker.script.programme)
    paired = pair_translation(lines, rebased, maker.names)
    notes = []
    if abs(paired.moved) >= _SHOWN_SHIFT:
        late = "late" if paired.moved < 0 else "early"
        seconds = abs(paired.moved) / maker.script.programme.sample_rate
        notes.append(f"The file is {seconds:.2f} s {late} against the script: its times were moved.")
    if by_timecode:
        notes.append("Its times count from the programme's start timecode.")
    pairs = []
    by_id = {line.id: line for line in lines}
    shared = Counter(cue.line for own in paired.cues.values() for cue in own)
    for line_id, own in paired.cues.items():
        numbers = tuple(dict.fromkeys(cue.line for cue in own))
        first = rows.get(numbers[0], TableRow(numbers[0]))
        joined = " ".join(" ".join(cue.text.split()) for cue in own)
        # The original beside a row that is joined with others, or divided, is not that of one line.
        alone = len(numbers) == 1 and shared[numbers[0]] == 1
        first = replace(first, target=joined, source=first.source if alone else None)
        pair = maker.make(first, by_id[line_id], PairedBy.TIME)
        pairs.append(replace(pair, rows=numbers, id=f"{pair.id}-{line_id}"))
    for cue in paired.unpaired:
        row = rows.get(cue.line, TableRow(cue.line, target=cue.text, character=cue.speaker or ""))
        pairs.append(maker.refuse(row, RefusalCode.NO_LINE, "No line is at its time."))
    return pairs, notes


class _PairMaker:
    """Says what a row would change in a line."""

    def __init__(self, script: Script, terms: Mapping[str, str]) -> None:
        self.script = script
        self.lines = {line.id: line for line in script.lines}
        self.names = {speaker.id: speaker.name for speaker in script.speakers}
        self._judge = Judge(script, terms)
        self._removed = {line.id for line in script.removed}

    def tell_unknown(self, line_id: str) -> str:
        """Return why an id names no line."""
        if line_id in self._removed:
            return f"{line_id} was taken out of the script."
        return f"The script has no line {line_id[:80]!r}."

    def refuse(self, row: TableRow, code: RefusalCode, message: str) -> Pair:
        """Return a row of which nothing is taken."""
        return Pair(
            f"r{row.number}",
            (row.number,),
            row.id if row.id in self.lines else "",
            source=row.source or "",
            target=row.target or "",
            refusal=Refusal(code, message),
        )

    def make(self, row: TableRow, line: Line, by: PairedBy) -> Pair:
        """Return the row with its line, and what it changes there."""
        speakers = (line.speaker, self.names.get(line.speaker, ""), row.character)
        row = _drop_unchanged_cells(row)
        direction = row.direction
        if direction == join_to_one_line(line.direction):
            direction = None
        target = strip_wrapping(join_to_one_line(row.target or ""), line.spoken_text, speakers)
        before = join_to_one_line(line.translation)
        # Words that only a check would clean are the line's own when they come back as they went out.
        wrote = row.formula or (row.target is not None and before not in (target, row.target))
        refusal = self._judge.refuse_words(row, line, target) if wrote else None
        if refusal is not None and refusal.code is RefusalCode.EMPTY and not before:
            wrote, refusal = False, None
        unusable = refusal is not None and not refusal.can_be_overruled
        source = row.source if row.source and row.source != join_to_one_line(line.text) else None
        moved_away = refusal is not None and refusal.code is RefusalCode.OTHER_LINE
        pair = Pair(
            f"r{row.number}",
            (row.number,),
            line.id,
            by,
            source=row.source or "",
            target=row.target or "",
            text=line.text,
            translation=line.translation,
            new_target=target if wrote and not unusable else None,
            correction=None if moved_away or by is PairedBy.TEXT else source,
            direction=direction,
            state=None if unusable and wrote else _find_new_state(row, line),
            comments=_find_new_comments(row, line),
            refusal=refusal,
            notes=tuple(self._write_notes(row, line, target if wrote and refusal is None else "")),
        )
        return _refuse_locked(pair) if line.locked else pair

    def _write_notes(self, row: TableRow, line: Line, target: str) -> list[str]:
        notes = []
        name = self.names.get(line.speaker, line.speaker)
        if row.character and row.character.casefold() not in (name.casefold(), line.speaker.casefold()):
            notes.append(f"The file gives it to {row.character}; here it is {name}'s.")
        if target:
            faults = self._judge.find_faults(line, target)
            notes += [f"Look at it: {message}." for code, message in faults if code == "size"]
        return notes


def _refuse_locked(pair: Pair) -> Pair:
    """Return a row of a locked line with nothing but its comments, which change nothing of the line."""
    if pair.refusal is None and not (pair.new_target or pair.correction or pair.direction or pair.state):
        return pair
    return replace(
        pair,
        new_target=None,
        correction=None,
        direction=None,
        state=None,
        refusal=Refusal(RefusalCode.LOCKED, f"{pair.line} is locked. Unlock it first."),
    )


def _drop_unchanged_cells(row: TableRow) -> TableRow:
    """Return the row without the cells that are as they were exported: they change nothing, whatever became
    of the line since."""
    stamp = row.stamp
    if stamp is None:
        return row
    same_words = not row.formula and hash_words(row.target or "") == stamp.translation
    return replace(
        row,
        source=None if hash_words(row.source or "") == stamp.text else row.source,
        target=None if same_words else row.target,
        direction=None if hash_words(row.direction or "") == stamp.direction else row.direction,
        state=None if row.state is None or row.state.value == stamp.state else row.state,
    )


def _find_new_state(row: TableRow, line: Line) -> ReviewState | None:
    """Return the state that a row gives a line. No table sets a line back to new, and nothing but new words
    takes the approval from one."""
    back = row.state is ReviewState.NEW or (line.is_approved and row.state is not ReviewState.APPROVED)
    return None if back or row.state is line.review_state else row.state


def _find_new_comments(row: TableRow, line: Line) -> tuple[NewComment, ...]:
    """Return what is said in the row and not in the line's comments yet."""
    known = {format_comment(comment) for comment in line.comments}
    said = {comment.text for comment in line.comments}
    lines = [join_to_one_line(part) for part in row.comment.splitlines()]
    fresh = " ".join(part for part in lines if part and part not in known)
    written = [NewComment(fresh)] if fresh and fresh not in said else []
    notes = [note for note in row.pinned if note.text and note.text not in said]
    pinned = [NewComment(note.text, note.author) for note in notes]
    return (*written, *pinned)
