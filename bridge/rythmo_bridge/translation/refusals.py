"""Judge the words that a row brings for a line, by the checks that every translation passes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from rythmo import languages
from rythmo.script import language_check
from rythmo.script.glossary import fold_text
from rythmo.script.model import Line, Script
from rythmo.script.sound_notes import strip_sound_notes
from rythmo.script.text_checks import find_faults
from rythmo_bridge.translation.pairs import Refusal, RefusalCode
from rythmo_bridge.translation.rows import TableRow
from rythmo_bridge.translation.version_stamp import hash_words

# How alike (0 to 1) a corrected original is to the original. Below that the row is another line's.
_ALIKE = 0.5
# Of a text that is known again in another line; "Yes." says nothing.
_FEWEST_WORDS = 3


class Judge:
    """The lines of a script, known by their words, and the checks of a row against its own line."""

    def __init__(self, script: Script, terms: Mapping[str, str]) -> None:
        self._script = script
        self._terms = terms
        self._by_text = _index_texts((line.id, line.text) for line in script.lines)
        self._by_translation = _index_texts((line.id, line.translation) for line in script.lines)

    def refuse_words(self, row: TableRow, line: Line, target: str) -> Refusal | None:
        """Return why the row's translation (`target`, cleaned) cannot become the line's; None if it can."""
        if row.formula:
            return Refusal(
                RefusalCode.FORMULA,
                "The cell holds a formula. Type an apostrophe before words that begin with =.",
            )
        if not strip_sound_notes(target):
            return Refusal(RefusalCode.EMPTY, "The cell is empty: the line keeps its words.")
        return (
            self._refuse_other_line(row, line, target)
            or self._refuse_faulty(line, target)
            or _refuse_conflict(row, line)
            or _refuse_approved(line)
        )

    def _refuse_faulty(self, line: Line, target: str) -> Refusal | None:
        for fault in self.find_faults(line, target):
            if fault[0] == "language":
                name = languages.language_name(self._script.target_language)
                return Refusal(RefusalCode.LANGUAGE, f"It does not look like {name}.")
            if fault[0] == "refusal":
                return Refusal(RefusalCode.NO_TRANSLATION, "It is a machine's refusal, not a translation.")
        return None

    def find_faults(self, line: Line, target: str) -> list[tuple[str, str]]:
        """Return code and message of what the checks of every translation say about these words."""
        script = self._script
        found = find_faults(
            line.spoken_text,
            strip_sound_notes(target),
            source=line.language or script.source_language,
            target=script.target_language,
            terms=self._terms,
            detect=language_check.compare_languages,
        )
        return [(fault.code, fault.message) for fault in found]

    def _refuse_other_line(self, row: TableRow, line: Line, target: str) -> Refusal | None:
        """Refuse what is another line's: rows that slipped while somebody sorted only some columns."""
        if row.source and not _is_alike(row.source, line.text):
            others = [each for each in self._by_text.get(fold_text(row.source), []) if each != line.id]
            whose = f"that of {others[0]}" if others else "another"
            return Refusal(
                RefusalCode.OTHER_LINE, f"The original beside it is {whose}: the rows may have slipped."
            )
        if row.source is None and len(target.split()) >= _FEWEST_WORDS:
            others = [each for each in self._by_translation.get(fold_text(target), []) if each != line.id]
            if others and fold_text(target) != fold_text(line.translation):
                return Refusal(RefusalCode.OTHER_LINE, f"These are the words of {others[0]}.")
        return None


def _refuse_approved(line: Line) -> Refusal | None:
    if not line.is_approved:
        return None
    return Refusal(RefusalCode.APPROVED, "The line's words are approved. Taking others sets it back.")


def _refuse_conflict(row: TableRow, line: Line) -> Refusal | None:
    if row.stamp is None or row.stamp.translation == hash_words(line.translation):
        return None
    return Refusal(RefusalCode.CONFLICT, "The line was changed here too, after the table was exported.")


def _is_alike(row: str, line: str) -> bool:
    one, other = fold_text(row), fold_text(line)
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def _index_texts(texts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line_id, text in texts:
        if text:
            found.setdefault(fold_text(text), []).append(line_id)
    return found
