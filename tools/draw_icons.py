"""Draw the panel's icons: a band of speech running past the bar that marks now.

python tools/draw_icons.py
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

ICONS = Path(__file__).parent.parent / "plugin/rythmo_plugin/hosts/premiere/panel/icons"
LINES = ((0.10, 0.62, 0.24), (0.34, 0.92, 0.50), (0.06, 0.46, 0.76))
"""Left end, right end and height of each line's band, as parts of the icon."""
NOW = 0.40
SMOOTH = 8


def draw(size: int, band: str, now: str) -> Image.Image:
    """The icon, drawn large and made small so that its edges are smooth."""
    large = size * SMOOTH
    image = Image.new("RGBA", (large, large))
    pen = ImageDraw.Draw(image)
    for left, right, height in LINES:
        box = (left * large, (height - 0.08) * large, right * large, (height + 0.08) * large)
        pen.rounded_rectangle(box, 0.08 * large, fill=band)
    pen.rectangle(((NOW - 0.03) * large, 0.06 * large, (NOW + 0.03) * large, 0.94 * large), fill=now)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def main() -> None:
    """Write both icons at both scales."""
    ICONS.mkdir(exist_ok=True)
    for name, size in (("panel", 23), ("plugin", 48)):
        for scale, suffix in ((1, "@1x"), (2, "@2x")):
            draw(size * scale, "#8a8a8a", "#2f6feb").save(ICONS / f"{name}{suffix}.png")


if __name__ == "__main__":
    main()
