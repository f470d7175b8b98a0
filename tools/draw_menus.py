"""Draw where Rythmo stands in the menus of Resolve and Premiere: docs/images/*-menu.svg.

    python tools/draw_menus.py

Drawings of our own, not pictures of these programs: only the words are theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

IMAGES = Path(__file__).parent.parent / "docs" / "images"
ROW, PAD, LETTER = 26, 14, 8.2
STYLE = "text{font:13px system-ui,sans-serif;fill:#a4a4ae}.on{fill:#fff;font-weight:600}"


@dataclass(frozen=True)
class Menus:
    """A menu bar, the menu that hangs from one of its entries, and the one beside that: each with the entries
    that are pointed at."""

    label: str
    bar: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    chosen: tuple[str, ...]


RESOLVE = Menus(
    "Workspace, Scripts, Rythmo - Dub",
    ("File", "Edit", "Timeline", "Clip", "Workspace", "Help"),
    ("Layout Presets", "Remote Grading", "Console", "Scripts"),
    ("Rythmo - Conform", "Rythmo - Conform (Lua)", "Rythmo - Dub", "Rythmo - Dub (Lua)"),
    ("Workspace", "Scripts", "Rythmo - Dub", "Rythmo - Dub (Lua)"),
)
PREMIERE = Menus(
    "Window, UXP Plugins, Rythmo",
    ("File", "Edit", "Clip", "Sequence", "Markers", "Window", "Help"),
    ("Timelines", "Tools", "UXP Plugins"),
    ("Rythmo",),
    ("Window", "UXP Plugins", "Rythmo"),
)


def draw(menus: Menus) -> str:
    """The bar with its open menus."""
    body, x, hang = [], PAD, 0
    for entry in menus.bar:
        wide = _wide(entry)
        hang = x if entry in menus.chosen else hang
        body += _entry(entry, x, 4, wide, on=entry in menus.chosen)
        x += wide
    width = max(map(_wide, menus.first)) + PAD
    body += _menu(menus.first, menus.chosen, hang, ROW + 10, width)
    down = ROW + 10 + ROW * next(n for n, entry in enumerate(menus.first) if entry in menus.chosen)
    right = hang + width + 4
    body += _menu(menus.second, menus.chosen, right, down, max(map(_wide, menus.second)))
    across = max(x, right + max(map(_wide, menus.second))) + PAD
    high = down + ROW * len(menus.second) + 8 + PAD
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {high}" width="{across}" role="img" '
        f'aria-label="{escape(menus.label)}"><style>{STYLE}</style>'
        f'<rect width="{across}" height="{high}" rx="6" fill="#17171b"/>{"".join(body)}</svg>\n'
    )


def _wide(entry: str) -> int:
    return round(len(entry) * LETTER) + 2 * PAD


def _menu(entries: tuple[str, ...], chosen: tuple[str, ...], x: int, y: int, width: int) -> list[str]:
    tall = ROW * len(entries) + 8
    frame = f'width="{width}" height="{tall}" rx="5" fill="#2b2b31" stroke="#4a4a52"'
    parts = [f'<rect x="{x}" y="{y}" {frame}/>']
    for place, entry in enumerate(entries):
        parts += _entry(entry, x, y + 4 + place * ROW, width, on=entry in chosen)
    return parts


def _entry(entry: str, x: int, top: int, width: int, *, on: bool) -> list[str]:
    back = f'<rect x="{x + 4}" y="{top}" width="{width - 8}" height="{ROW}" rx="4" fill="#2f6feb"/>'
    shade = ' class="on"' if on else ""
    text = f'<text{shade} x="{x + PAD}" y="{top + 18}">{escape(entry)}</text>'
    return [back, text] if on else [text]


def main() -> None:
    """Write both."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    (IMAGES / "resolve-menu.svg").write_text(draw(RESOLVE), encoding="utf-8")
    (IMAGES / "premiere-menu.svg").write_text(draw(PREMIERE), encoding="utf-8")


if __name__ == "__main__":
    main()
