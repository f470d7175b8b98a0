"""The values in which an import is shown before anything is taken: which row is which line, what changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from rythmo.script.review_state import ReviewState


class PairedBy(StrEnum):
    """How a row was found to be a line's."""

    ID = "id"
    TEXT = "text"
    TIME = "time"
    NOTHING = ""


class RefusalCode(StrEnum):
    """Why a row, or the words in it, are not taken."""

    UNKNOWN_ID = "unknown-id"
    TWICE = "id-twice"
    NO_LINE = "no-line"
    LOCKED = "locked"
    EMPTY = "empty"
    FORMULA = "formula"
    LANGUAGE = "language"
    NO_TRANSLATION = "no-translation"
    OTHER_LINE = "other-line"
    APPROVED = "approved"
    CONFLICT = "conflict"


OF_THE_ROW = frozenset({RefusalCode.UNKNOWN_ID, RefusalCode.TWICE, RefusalCode.NO_LINE})
"""Refusals of everything that the row holds; the others are of its translation alone."""
OVERRULED = frozenset(
    {
        RefusalCode.LANGUAGE,
        RefusalCode.NO_TRANSLATION,
        RefusalCode.OTHER_LINE,
        RefusalCode.APPROVED,
        RefusalCode.CONFLICT,
    }
)
"""Refusals that a person who looked at the row may overrule."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row, or its translation, is not taken, in a sentence."""

    code: RefusalCode
    message: str

    @property
    def of_row(self) -> bool:
        """Whether nothing of the row can be taken."""
        return self.code in OF_THE_ROW

    @property
    def can_be_overruled(self) -> bool:
        """Whether a person may take the translation all the same."""
        return self.code in OVERRULED


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment that comes with a file. `author` "": whoever reads the file in."""

    text: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A row (or several, joined) with its line, and what would change.

    `id` names it in a decision. `line` is "" where there is none. `source` and `target` are the words of the
    file, `text` and `translation` those of the line. What stays the same is None in `new_target`,
    `correction` (of the original), `direction` and `state`.
    """

    id: str
    rows: tuple[int, ...]
    line: str = ""
    by: PairedBy = PairedBy.NOTHING
    source: str = ""
    target: str = ""
    text: str = ""
    translation: str = ""
    new_target: str | None = None
    correction: str | None = None
    direction: str | None = None
    state: ReviewState | None = None
    comments: tuple[NewComment, ...] = ()
    refusal: Refusal | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Whether nothing of it can be taken."""
        return self.refusal is not None and self.refusal.of_row

    @property
    def has_extras(self) -> bool:
        """Whether it brings a direction, a state or comments."""
        extras = self.direction is not None or self.state is not None or bool(self.comments)
        return extras and not self.is_blocked

    @property
    def offers_words(self) -> bool:
        """Whether its translation may be taken, by itself or by overruling the refusal."""
        overruled = self.refusal is None or self.refusal.can_be_overruled
        return self.new_target is not None and overruled

    @property
    def changes(self) -> bool:
        """Whether anything in it differs from the line."""
        return self.new_target is not None or self.correction is not None or self.has_extras


@dataclass(frozen=True, slots=True)
class Decision:
    """What of an import is taken, as ids of pairs: translations, corrections of the original, and extras
    (direction, state, comments)."""

    words: frozenset[str] = frozenset()
    corrections: frozenset[str] = frozenset()
    extras: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Import:
    """A file as it was read and paired. `form` says what kind of file it is; `missing` are the ids of lines
    that it has nothing for."""

    name: str
    form: str
    pairs: tuple[Pair, ...]
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[Pair, ...]:
        """The pairs that change something, or are refused."""
        return tuple(pair for pair in self.pairs if pair.changes or pair.refusal)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows change words, correct the original, bring extras, stay the same, and are refused."""
        pairs = self.pairs
        return {
            "words": sum(pair.new_target is not None and pair.refusal is None for pair in pairs),
            "corrections": sum(pair.correction is not None for pair in pairs),
            "extras": sum(pair.has_extras for pair in pairs),
            "refused": sum(pair.refusal is not None for pair in pairs),
            "same": sum(not pair.changes and pair.refusal is None for pair in pairs),
        }

    def decide(
        self, *, overrule: Collection[str] = (), leave: Collection[str] = (), corrections: bool = False
    ) -> Decision:
        """Return what is taken when nobody looks at single rows: all that is not refused, no corrections.

        `overrule` are pairs whose refused words are taken all the same, `leave` pairs that are left out.
        """
        kept = [pair for pair in self.pairs if pair.id not in leave]
        return Decision(
            words=frozenset(
                pair.id for pair in kept if pair.offers_words and (not pair.refusal or pair.id in overrule)
            ),
            corrections=frozenset(pair.id for pair in kept if corrections and pair.correction is not None),
            extras=frozenset(pair.id for pair in kept if pair.has_extras),
        )
