"""API types of translators' work: states, comments, and files that come back from translators."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from rythmo.script.review_state import ReviewState
from rythmo_plugin.service.schema.base import Asked, Base, Name

CommentText = Annotated[str, Meta(min_length=1, max_length=5000)]
PairIds = Annotated[list[Name], Meta(max_length=200_000)]


class StateAsked(Asked, frozen=True, kw_only=True):
    """The review state of lines."""

    lines: Annotated[list[Name], Meta(min_length=1, max_length=50_000)]
    state: ReviewState
    revision: int | None = None


class CommentAsked(Asked, frozen=True, kw_only=True):
    """A comment on a line."""

    text: CommentText
    author: Annotated[str, Meta(max_length=200)] = ""


class CommentChange(Asked, frozen=True, kw_only=True):
    """Changes of a comment. Omitted fields stay the same."""

    text: CommentText | UnsetType = UNSET
    resolved: bool | UnsetType = UNSET


class TranslationAsked(Asked, frozen=True, kw_only=True):
    """A translator's file, by its upload.

    `columns` says what columns hold, where a person chose: kind (id, character, in, out, source, target,
    direction, comment, state) -> head, letter or number of the column, "" for none.
    """

    upload: Name
    columns: dict[Name, Name] = field(default_factory=dict)
    encoding: Annotated[str, Meta(max_length=40)] = ""


class TranslationRow(Base, frozen=True, kw_only=True):
    """A row of the file, or several, with its line. What stays the same is null.

    `by` is how it was paired: id, text, time, or "". `refusal` is why the row or its words are not taken;
    `can_overrule`: a person may take the words all the same. `offers_words`: there are words to take.
    """

    id: str
    rows: list[int]
    line: str
    by: str
    source: str
    target: str
    text: str
    translation: str
    new_target: str | None
    correction: str | None
    direction: str | None
    state: ReviewState | None
    comments: list[str]
    code: str
    refusal: str
    can_overrule: bool
    offers_words: bool
    notes: list[str]


class TranslationPlan(Base, frozen=True, kw_only=True):
    """What a file would change. `rows` are those that change something or are refused.

    `columns` are the recognised columns of a table by kind, counted from 0, and `head` its first rows;
    `unknown`: it is not known which column holds the translation, so that nothing was compared.
    """

    id: str
    name: str
    form: str
    rows: list[TranslationRow]
    counts: dict[str, int]
    missing: list[str]
    notes: list[str]
    columns: dict[str, int]
    head: list[list[str]]
    unknown: bool = False


class TakeTranslationAsked(Asked, frozen=True, kw_only=True):
    """What of an import is taken, as ids of its rows: translations, corrections of the original, and extras
    (direction, state, comments). `author` signs comments that name nobody."""

    words: PairIds = field(default_factory=list)
    corrections: PairIds = field(default_factory=list)
    extras: PairIds = field(default_factory=list)
    author: Annotated[str, Meta(max_length=200)] = ""
