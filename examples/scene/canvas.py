"""Drawing in scene units (the frame is 1600 by 900 at a wide camera), with smooth edges by oversampling."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1280, 720
_OVER = 2

Colour = tuple[int, int, int]
Point = tuple[float, float]


def gradient(
    top: Colour, bottom: Colour, width: int = WIDTH * _OVER, height: int = HEIGHT * _OVER
) -> Image.Image:
    """A vertical blend of two colours."""
    ramp = np.linspace(np.array(top, float), np.array(bottom, float), height)
    return Image.fromarray(np.repeat(np.round(ramp)[:, None].astype(np.uint8), width, axis=1))


def mixed(one: Colour, other: Colour, part: float) -> Colour:
    """`one`, moved towards `other` by `part` (0 to 1)."""
    r, g, b = (round(a + (c - a) * part) for a, c in zip(one, other, strict=True))
    return r, g, b


class Canvas:
    """A camera onto the scene: centred at (x, y), `span` units wide."""

    def __init__(self, base: Image.Image, x: float = 800, y: float = 450, span: float = 1600) -> None:
        self.image = base.copy()
        self._draw = ImageDraw.Draw(self.image)
        self._scale = WIDTH * _OVER / span
        self._left = x - span / 2
        self._top = y - span * HEIGHT / WIDTH / 2

    def _at(self, points: Sequence[Point]) -> list[Point]:
        return [((x - self._left) * self._scale, (y - self._top) * self._scale) for x, y in points]

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        self._draw.polygon(self._at(points), fill=fill)

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: Colour, radius: float = 0) -> None:
        (a, b), (c, d) = self._at([(x0, y0), (x1, y1)])
        self._draw.rounded_rectangle((a, b, c, d), radius * self._scale, fill=fill)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        (a, b), (c, d) = self._at([(x - rx, y - ry), (x + rx, y + ry)])
        self._draw.ellipse((a, b, c, d), fill=fill)

    def slice(
        self, x: float, y: float, rx: float, ry: float, turn: tuple[float, float], fill: Colour
    ) -> None:
        """Part of an ellipse cut off by a chord, between two angles in degrees (clockwise from the right)."""
        (a, b), (c, d) = self._at([(x - rx, y - ry), (x + rx, y + ry)])
        self._draw.chord((a, b, c, d), *turn, fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        pixels = self._at(points)
        thick = max(1, round(width * self._scale))
        self._draw.line(pixels, fill=fill, width=thick, joint="curve")
        for x, y in (pixels[0], pixels[-1]):
            r = thick / 2
            self._draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)

    def ring(self, x: float, y: float, radius: float, fill: Colour, width: float) -> None:
        steps = [k * math.tau / 40 for k in range(41)]
        self.line([(x + radius * math.cos(t), y + radius * math.sin(t)) for t in steps], fill, width)

    @contextmanager
    def inside(self, x0: float, y0: float, x1: float, y1: float) -> Iterator[None]:
        """Whatever is drawn meanwhile shows within this box alone."""
        before = self.image.copy()
        yield
        (a, b), (c, d) = self._at([(x0, y0), (x1, y1)])
        box = (round(a), round(b), round(c), round(d))
        pane = self.image.crop(box)
        self.image.paste(before)
        self.image.paste(pane, box[:2])

    def finished(self) -> Image.Image:
        """The frame in its own size."""
        return self.image.reduce(_OVER)
