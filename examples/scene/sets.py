"""Where it happens: a night train from outside, its compartment, and what stands behind each close-up."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from PIL import Image

from .canvas import Canvas, Colour, gradient, mixed

_NIGHT, _DUSK = (14, 20, 44), (44, 52, 92)
_WINDOW = (430, 110, 1170, 500)
_WOOD, _DARK_WOOD = (136, 84, 58), (84, 48, 40)
_PLUSH, _DARK_PLUSH = (150, 44, 58), (104, 28, 46)


def _chance(number: int) -> float:
    """A fixed value from 0 to 1 for each number: the same landscape on every run."""
    return math.modf(abs(math.sin(number * 12.9898) * 43758.5453))[0]


def _hills(
    canvas: Canvas, travel: float, base: float, tall: float, colour: Colour, area: tuple[float, float]
) -> None:
    left, right = area
    steps = np.arange(left, right + 21, 20)
    ground = [
        (float(x), base - tall * (0.6 * math.sin((x + travel) / 210) + 0.4 * math.sin((x + travel) / 83 + 1)))
        for x in steps
    ]
    canvas.polygon([*ground, (right + 20, base + 500), (left, base + 500)], colour)


def _each(travel: float, every: float, area: tuple[float, float]) -> list[tuple[int, float]]:
    """The things that stand `every` units along the line and are in view: (their number, x)."""
    first, last = int((area[0] + travel) // every), int((area[1] + travel) // every) + 1
    return [(k, k * every - travel) for k in range(first - 1, last + 1)]


def landscape(canvas: Canvas, seconds: float, top: float, bottom: float, area: tuple[float, float]) -> None:
    """Moon, hills, a village and trees going by; nearer things go faster."""
    tall = bottom - top
    left, right = area
    moon = left + (right - left) * 0.76
    canvas.ellipse(moon, top + tall * 0.26, 46, 46, (72, 82, 122))
    canvas.ellipse(moon, top + tall * 0.26, 34, 34, (244, 236, 206))
    canvas.ellipse(moon + 12, top + tall * 0.24, 28, 28, (226, 218, 192))
    _hills(canvas, seconds * 14, top + tall * 0.62, tall * 0.09, (38, 48, 84), area)
    _hills(canvas, seconds * 45 + 700, top + tall * 0.78, tall * 0.07, (24, 32, 60), area)
    for number, x in _each(seconds * 45, 130, area):
        if _chance(number) > 0.55:
            y = top + tall * (0.80 + 0.08 * _chance(number + 50))
            canvas.box(x, y - 26, x + 54, y + 20, (20, 24, 44))
            canvas.polygon([(x - 8, y - 24), (x + 27, y - 50), (x + 62, y - 24)], (16, 18, 36))
            canvas.box(x + 12, y - 14, x + 24, y, (255, 206, 110))
            canvas.box(x + 32, y - 14, x + 44, y, (236, 170, 80))
    for number, x in _each(seconds * 330, 560, area):
        high = tall * (0.42 + 0.3 * _chance(number))
        shift = 200 * _chance(number + 9)
        for tier in range(3):
            y = bottom - high * (0.25 + 0.25 * tier)
            half = 70 - 18 * tier
            canvas.polygon(
                [(x + shift - half, y), (x + shift + half, y), (x + shift, y - high * 0.36)], (10, 15, 30)
            )
        canvas.box(x + shift - 7, bottom - high * 0.3, x + shift + 7, bottom + 5, (10, 15, 30))


def rain(canvas: Canvas, seconds: float, box: tuple[float, float, float, float]) -> None:
    """Drops that run back across the glass."""
    left, top, right, bottom = box
    for number in range(26):
        speed = 60 + 110 * _chance(number)
        x = right - ((_chance(number + 100) * (right - left) + seconds * speed) % (right - left - 30))
        y = top + (_chance(number + 200) * (bottom - top) + seconds * speed * 0.35) % (bottom - top - 14)
        canvas.line([(x, y), (x - 22, y + 8)], (120, 136, 176), 2)


@cache
def night() -> Image.Image:
    return gradient(_NIGHT, _DUSK)


def exterior(canvas: Canvas, seconds: float, roll: float) -> None:
    """The train from outside; it comes into the picture from the right as `roll` goes from 0 to 1."""
    landscape(canvas, seconds * 0.35, 40, 640, (0, 1600))
    canvas.box(0, 640, 1600, 900, (12, 14, 26))
    left = 1500 - 1500 * roll
    for car in range(4):
        x = left + car * 690
        canvas.box(x, 380, x + 670, 640, (110, 30, 44), 26)
        canvas.box(x, 540, x + 670, 566, (226, 178, 66))
        canvas.box(x + 10, 362, x + 660, 390, (62, 22, 34), 12)
        for window in range(5):
            wx = x + 46 + window * 122
            canvas.box(wx, 424, wx + 92, 510, (255, 214, 128), 10)
            canvas.box(wx, 424, wx + 14, 510, (196, 92, 60), 6)
            canvas.box(wx + 78, 424, wx + 92, 510, (196, 92, 60), 6)
            canvas.polygon([(wx - 6, 716), (wx + 98, 716), (wx + 120, 760), (wx - 40, 760)], (52, 44, 46))
        if car == 0:
            canvas.ellipse(x + 196 + 16, 474, 17, 20, (96, 42, 36))
            canvas.box(x + 184, 490, x + 240, 510, (96, 42, 36), 10)
        for wheel in range(4):
            wx = x + (90, 170, 500, 580)[wheel]
            canvas.ellipse(wx, 648, 32, 32, (30, 30, 42))
            turn = seconds * 7
            for spoke in range(3):
                a = turn + spoke * math.pi / 3
                dx, dy = 24 * math.cos(a), 24 * math.sin(a)
                canvas.line([(wx - dx, 648 - dy), (wx + dx, 648 + dy)], (92, 92, 110), 4)
    canvas.box(0, 680, 1600, 692, (128, 128, 146))
    for _, x in _each(seconds * 120, 120, (0, 1600)):
        canvas.box(x, 692, x + 60, 708, (54, 42, 42))


@cache
def wall() -> Image.Image:
    return gradient((172, 116, 76), (112, 66, 52))


def compartment(canvas: Canvas, seconds: float) -> None:
    """The compartment facing its window: rack, curtains, two benches, lamps."""
    left, top, right, bottom = _WINDOW
    canvas.box(left - 26, top - 26, right + 26, bottom + 30, _DARK_WOOD, 30)
    canvas.box(left, top, right, bottom, (32, 40, 76), 14)
    with canvas.inside(*_WINDOW):
        landscape(canvas, seconds, top, bottom, (left, right))
        rain(canvas, seconds, _WINDOW)
    _window_frame(canvas)
    for x in (200, 1400):
        canvas.ellipse(x, 250, 96, 96, (196, 142, 92))
        canvas.polygon([(x - 46, 282), (x + 46, 282), (x + 28, 214), (x - 28, 214)], (255, 226, 150))
        canvas.box(x - 6, 282, x + 6, 316, (226, 178, 66))
    canvas.box(0, 52, 1600, 66, (206, 160, 84))
    for x, wide, colour in (
        (90, 210, (70, 92, 104)),
        (1250, 240, (118, 62, 44)),
        (1110, 110, (158, 122, 68)),
    ):
        canvas.box(x, -40, x + wide, 52, colour, 10)
        canvas.box(x + wide * 0.2, -40, x + wide * 0.28, 52, mixed(colour, (20, 14, 20), 0.35))
    canvas.box(-40, 470, 520, 960, _PLUSH, 60)
    canvas.box(1080, 470, 1640, 960, _PLUSH, 60)
    for x in (40, 160, 280, 400, 1200, 1320, 1440, 1560):
        canvas.line([(x, 520), (x, 900)], _DARK_PLUSH, 5)


def _window_frame(canvas: Canvas) -> None:
    """The wall below, the window's bar and its curtains."""
    left, top, right, bottom = _WINDOW
    for x in (40, 1210):
        canvas.box(x, 110, x + 350, 460, (160, 106, 72), 18)
        canvas.box(x + 14, 124, x + 336, 446, (150, 98, 68), 12)
    canvas.box(left - 26, bottom + 30, right + 26, 960, (122, 74, 56))
    canvas.box(left - 10, (top + bottom) / 2 - 120, right + 10, (top + bottom) / 2 - 112, _DARK_WOOD)
    for x, way in ((left - 26, 1), (right + 26, -1)):
        canvas.polygon(
            [
                (x, top - 20),
                (x + way * 110, top - 20),
                (x + way * 64, 330),
                (x + way * 40, bottom + 6),
                (x, bottom + 6),
            ],
            (176, 66, 54),
        )
        canvas.line([(x + way * 36, top), (x + way * 22, bottom)], (142, 46, 44), 6)
        canvas.line([(x + way * 72, top), (x + way * 44, 330)], (142, 46, 44), 6)


@cache
def bench() -> Image.Image:
    return gradient((238, 196, 130), (206, 142, 92))


def bench_panel(canvas: Canvas) -> None:
    """Behind Anna: a panel in lamplight."""
    for x in (-220, 160, 540, 920):
        canvas.box(x, -200, x + 340, 300, (246, 212, 150), 24)
        canvas.box(x + 22, -200, x + 318, 278, (240, 200, 136), 18)
    canvas.box(-400, 372, 1200, 1000, (196, 74, 70), 60)
    for x in range(-300, 1200, 130):
        canvas.line([(x, 420), (x, 900)], (164, 54, 58), 5)


@cache
def pane() -> Image.Image:
    return gradient((16, 22, 50), (34, 44, 84))


def window_corner(canvas: Canvas, seconds: float) -> None:
    """Behind George: the night window, close."""
    landscape(canvas, seconds, -60, 560, (700, 1750))
    rain(canvas, seconds, (820, 30, 1560, 560))
    canvas.box(1480, -200, 1800, 1000, (64, 38, 40))
    canvas.polygon([(1500, -200), (1380, -200), (1420, 300), (1450, 620), (1500, 620)], (122, 44, 44))
    canvas.line([(1440, -200), (1466, 600)], (94, 32, 38), 7)
    canvas.box(700, 520, 1800, 1000, (74, 24, 42), 50)


@cache
def corridor_light() -> Image.Image:
    return gradient((250, 240, 206), (236, 214, 160))


def corridor(canvas: Canvas) -> None:
    """Behind the guard: the lit corridor and the open door."""
    for x in (360, 1020):
        canvas.box(x, -60, x + 220, 380, (196, 220, 226), 16)
        canvas.box(x + 18, -42, x + 202, 362, (222, 238, 238), 10)
    canvas.box(300, 470, 1300, 486, (206, 160, 84))
    canvas.box(250, -300, 420, 1000, (186, 124, 82))
    canvas.box(404, -300, 424, 1000, (126, 78, 58))
    canvas.box(1230, -300, 1250, 1000, (206, 176, 128))


@cache
def seat() -> Image.Image:
    return gradient((122, 30, 46), (64, 16, 32))


def seat_close(canvas: Canvas) -> None:
    """Under the bag: the bench of plush."""
    for x in range(760, 1560, 90):
        canvas.line([(x, 300), (x, 700)], (92, 22, 38), 6)
    canvas.box(600, 742, 1600, 1000, (168, 48, 62), 30)
