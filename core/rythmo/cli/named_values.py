"""Flags that take values of one stage's settings by name: `--subtitles line_width=37,speaker_labels`."""

from __future__ import annotations

from collections.abc import Sequence

from rythmo.errors import UsageError


def parse_named_values(values: Sequence[str], names: Sequence[str], flag: str) -> dict[str, str]:
    """Return what a repeatable flag gives, by setting; a name alone turns its setting on.

    Raises UsageError for a name that is not among `names`.
    """
    return dict(_parse_pair(text, names, flag) for text in _split_values(values))


def _split_values(values: Sequence[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _parse_pair(text: str, names: Sequence[str], flag: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    if name not in names:
        raise UsageError(f"{flag} knows no {name!r}.", hint=f"It knows: {', '.join(names)}.")
    return name, value.strip() if equals else "true"
