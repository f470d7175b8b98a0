"""The three travellers and the cat, in flat shapes."""

from __future__ import annotations

from dataclasses import dataclass

from .canvas import Canvas, Colour, mixed

_INK = (38, 28, 40)
_WHITE = (250, 246, 238)
_MOUTH = (110, 32, 40)


@dataclass(frozen=True, slots=True)
class Pose:
    """How someone looks in one frame: `mouth`, `lids` 0 to 1; `gaze` -1 (left) to 1; `bob` in units."""

    mouth: float = 0.0
    lids: float = 0.0
    gaze: float = 0.0
    bob: float = 0.0


def _eyes(canvas: Canvas, x: float, y: float, apart: float, pose: Pose, skin: Colour) -> None:
    for side in (-1, 1):
        eye = x + side * apart + pose.gaze * 7
        canvas.ellipse(eye, y, 12, 13, _WHITE)
        canvas.ellipse(eye + pose.gaze * 5, y + 1, 6.5, 7.5, _INK)
        canvas.ellipse(eye + pose.gaze * 5 + 2, y - 2, 2, 2, _WHITE)
        if pose.lids > 0.02:
            canvas.slice(eye, y, 13.5, 14.5, (180, 360), skin)
            canvas.box(eye - 13.5, y - 1, eye + 13.5, y - 1 + 15 * pose.lids, skin)
            canvas.line([(eye - 11, y + 14 * pose.lids - 1), (eye + 11, y + 14 * pose.lids - 1)], _INK, 2.5)


def _mouth(canvas: Canvas, x: float, y: float, width: float, pose: Pose, lips: Colour) -> None:
    if pose.mouth < 0.08:
        canvas.line([(x - width, y - 2), (x, y + 3), (x + width, y - 2)], lips, 5)
        return
    tall = 4 + 17 * pose.mouth
    wide = width * (1.0 - 0.22 * pose.mouth)
    canvas.ellipse(x, y + tall * 0.4, wide + 3, tall + 3, lips)
    canvas.ellipse(x, y + tall * 0.4, wide, tall, _MOUTH)
    canvas.box(x - wide * 0.6, y - tall * 0.5, x + wide * 0.6, y - tall * 0.5 + tall * 0.45, _WHITE, 2)
    canvas.slice(x, y + tall * 0.75, wide * 0.62, tall * 0.62, (0, 180), (204, 92, 92))


def _shoulders(canvas: Canvas, x: float, y: float, half: float, colour: Colour, floor: float = 960) -> None:
    canvas.ellipse(x, y + 70, half, 78, colour)
    canvas.box(x - half, y + 66, x + half, floor, colour)


def anna(canvas: Canvas, x: float, y: float, pose: Pose) -> None:
    """A young traveller: auburn bob, mustard coat, red scarf. (x, y) is the middle of the face."""
    skin, hair, coat, scarf = (244, 203, 172), (128, 52, 36), (222, 164, 52), (188, 44, 56)
    top = y + pose.bob
    lean = x + pose.gaze * 4
    canvas.box(lean - 92, top - 60, lean + 92, top + 96, hair, 60)
    _shoulders(canvas, x, y + 120, 140, coat)
    canvas.polygon([(x - 6, y + 190), (x + 6, y + 190), (x + 10, 960), (x - 10, 960)], mixed(coat, _INK, 0.3))
    canvas.line([(x - 92, y + 230), (x - 78, y + 420)], mixed(coat, _INK, 0.22), 6)
    canvas.line([(x + 92, y + 230), (x + 78, y + 420)], mixed(coat, _INK, 0.22), 6)
    for button in (250, 320):
        canvas.ellipse(x + 28, y + button, 9, 9, mixed(coat, _INK, 0.55))
    canvas.box(lean - 26, top + 70, lean + 26, y + 140, mixed(skin, hair, 0.3))
    canvas.box(x - 74, y + 108, x + 74, y + 156, scarf, 24)
    canvas.polygon(
        [(x + 20, y + 140), (x + 66, y + 140), (x + 58, y + 262), (x + 22, y + 262)], mixed(scarf, _INK, 0.15)
    )
    canvas.ellipse(lean, top + 12, 76, 92, skin)
    canvas.slice(lean, top - 18, 84, 80, (178, 362), hair)
    canvas.polygon(
        [
            (lean - 84, top - 22),
            (lean + 20, top - 50),
            (lean + 84, top - 20),
            (lean + 60, top - 2),
            (lean + 8, top - 36),
            (lean - 66, top + 14),
        ],
        hair,
    )
    for side in (-1, 1):
        canvas.ellipse(lean + side * 46, top + 44, 15, 10, (238, 168, 144))
        canvas.line(
            [(lean + side * 20 + pose.gaze * 7, top - 14), (lean + side * 46 + pose.gaze * 7, top - 16)],
            hair,
            5,
        )
    _eyes(canvas, lean, top + 10, 33, pose, skin)
    canvas.line(
        [
            (lean + pose.gaze * 9, top + 22),
            (lean + pose.gaze * 12 + 4, top + 36),
            (lean + pose.gaze * 8, top + 38),
        ],
        (206, 146, 116),
        4,
    )
    _mouth(canvas, lean + pose.gaze * 6, top + 62, 22, pose, (186, 62, 66))


def george(canvas: Canvas, x: float, y: float, pose: Pose) -> None:
    """An old man: flat cap, round glasses, white beard, tweed."""
    skin, beard, coat, cap = (236, 190, 160), (236, 234, 228), (112, 82, 62), (92, 98, 108)
    top = y + pose.bob
    lean = x + pose.gaze * 4
    _shoulders(canvas, x, y + 126, 158, coat)
    canvas.polygon([(x - 50, y + 130), (x + 50, y + 130), (x, y + 290)], (226, 220, 204))
    canvas.polygon(
        [(x - 12, y + 150), (x + 12, y + 150), (x + 9, y + 270), (x, y + 286), (x - 9, y + 270)],
        (58, 98, 104),
    )
    for side in (-1, 1):
        dark = mixed(coat, _INK, 0.3)
        canvas.polygon(
            [(x + side * 40, y + 122), (x + side * 86, y + 142), (x + side * 18, y + 318), (x, y + 300)], dark
        )
        canvas.line([(x + side * 106, y + 250), (x + side * 92, y + 430)], dark, 6)
    canvas.ellipse(lean - 82, top + 18, 14, 20, mixed(skin, _INK, 0.08))
    canvas.ellipse(lean + 82, top + 18, 14, 20, mixed(skin, _INK, 0.08))
    canvas.ellipse(lean, top + 6, 80, 90, skin)
    chin = 6 * pose.mouth
    canvas.ellipse(lean, top + 84 + chin, 74, 66, beard)
    canvas.box(lean - 80, top + 26, lean - 56, top + 96, beard, 12)
    canvas.box(lean + 56, top + 26, lean + 80, top + 96, beard, 12)
    canvas.ellipse(lean, top + 38, 54, 30, skin)
    _mouth(canvas, lean + pose.gaze * 6, top + 80, 20, pose, (176, 92, 84))
    for side in (-1, 1):
        canvas.ellipse(lean + side * 24 + pose.gaze * 6, top + 62, 32, 13, beard)
        canvas.line(
            [(lean + side * 20 + pose.gaze * 7, top - 20), (lean + side * 48 + pose.gaze * 7, top - 15)],
            beard,
            9,
        )
    _eyes(canvas, lean, top + 10, 34, pose, skin)
    for side in (-1, 1):
        canvas.ring(lean + side * 34 + pose.gaze * 7, top + 10, 25, (60, 52, 58), 4)
    canvas.line([(lean - 9 + pose.gaze * 7, top + 6), (lean + 9 + pose.gaze * 7, top + 6)], (60, 52, 58), 4)
    canvas.ellipse(lean + pose.gaze * 12, top + 38, 15, 13, (224, 156, 132))
    canvas.slice(lean, top - 34, 96, 62, (178, 362), cap)
    canvas.box(
        lean - 98 + pose.gaze * 10, top - 46, lean + 98 + pose.gaze * 10, top - 26, mixed(cap, _INK, 0.3), 10
    )


def guard(canvas: Canvas, x: float, y: float, pose: Pose) -> None:
    """The guard: navy uniform, peaked cap with a gold band, moustache."""
    skin, hair, coat, gold = (156, 104, 74), (34, 26, 28), (50, 70, 132), (226, 178, 66)
    top = y + pose.bob
    lean = x + pose.gaze * 4
    _shoulders(canvas, x, y + 122, 162, coat)
    canvas.polygon([(x - 44, y + 124), (x + 44, y + 124), (x, y + 214)], (236, 236, 240))
    canvas.polygon([(x - 11, y + 146), (x + 11, y + 146), (x + 8, y + 216), (x - 8, y + 216)], (150, 40, 52))
    for side in (-1, 1):
        canvas.polygon(
            [(x + side * 40, y + 116), (x + side * 80, y + 136), (x, y + 262), (x, y + 212)],
            mixed(coat, _INK, 0.45),
        )
        canvas.box(x + side * 118 - 34, y + 132, x + side * 118 + 34, y + 146, gold, 6)
        for row in range(4):
            canvas.ellipse(x + side * 34, y + 280 + 62 * row, 9, 9, gold)
        canvas.line([(x + side * 108, y + 250), (x + side * 100, y + 520)], mixed(coat, _INK, 0.45), 6)
    canvas.box(lean - 30, top + 66, lean + 30, y + 136, mixed(skin, _INK, 0.2), 10)
    canvas.box(lean - 82, top - 40, lean + 82, top + 34, hair, 20)
    canvas.ellipse(lean - 80, top + 16, 13, 20, mixed(skin, _INK, 0.1))
    canvas.ellipse(lean + 80, top + 16, 13, 20, mixed(skin, _INK, 0.1))
    canvas.box(lean - 76, top - 70, lean + 76, top + 100 + 4 * pose.mouth, skin, 62)
    _eyes(canvas, lean, top + 10, 34, pose, skin)
    for side in (-1, 1):
        canvas.line(
            [(lean + side * 18 + pose.gaze * 7, top - 16), (lean + side * 50 + pose.gaze * 7, top - 19)],
            hair,
            8,
        )
    canvas.ellipse(lean + pose.gaze * 11, top + 34, 14, 13, mixed(skin, (90, 40, 30), 0.25))
    _mouth(canvas, lean + pose.gaze * 6, top + 70, 23, pose, (122, 58, 52))
    for side in (-1, 1):
        canvas.ellipse(lean + side * 21 + pose.gaze * 6, top + 55, 27, 9, hair)
    canvas.polygon(
        [
            (lean - 112, top - 92),
            (lean - 70, top - 128),
            (lean + 70, top - 128),
            (lean + 112, top - 92),
            (lean + 82, top - 56),
            (lean - 82, top - 56),
        ],
        coat,
    )
    canvas.box(lean - 84, top - 66, lean + 84, top - 40, gold, 6)
    canvas.slice(lean + pose.gaze * 8, top - 42, 90, 28, (0, 180), (22, 24, 34))
    canvas.ellipse(lean + pose.gaze * 8, top - 86, 17, 17, gold)


def handle(canvas: Canvas, x: float, y: float, shake: float) -> None:
    """The bag's handle; before the cat if she is out."""
    dark = (98, 52, 30)
    canvas.line(
        [
            (x - 48 + shake, y + 8),
            (x - 40 + shake, y - 46),
            (x + 40 + shake, y - 46),
            (x + 48 + shake, y + 8),
        ],
        dark,
        11,
    )


def bag(canvas: Canvas, x: float, y: float, shake: float) -> None:
    """A leather bag whose top stands at (x, y); `shake` tips it."""
    leather, dark = (148, 84, 46), (98, 52, 30)
    canvas.polygon(
        [(x - 108 + shake, y), (x + 108 + shake, y), (x + 132, y + 150), (x - 132, y + 150)], leather
    )
    canvas.box(x - 112 + shake, y - 8, x + 112 + shake, y + 18, dark, 8)
    for side in (-1, 1):
        canvas.polygon(
            [
                (x + side * 62 + shake, y),
                (x + side * 86 + shake, y),
                (x + side * 100, y + 150),
                (x + side * 74, y + 150),
            ],
            dark,
        )
    canvas.box(x - 16 + shake, y - 2, x + 16 + shake, y + 34, (226, 178, 66), 5)


def cat(canvas: Canvas, x: float, y: float, pose: Pose) -> None:
    """Mary, to be drawn before the bag that hides her: (x, y) is between her eyes."""
    fur, light, dark = (236, 150, 62), (252, 226, 188), (186, 96, 30)
    canvas.ellipse(x, y + 92, 66, 60, fur)
    for side in (-1, 1):
        canvas.polygon([(x + side * 70, y - 4), (x + side * 66, y - 84), (x + side * 14, y - 48)], fur)
        canvas.polygon(
            [(x + side * 60, y - 24), (x + side * 58, y - 66), (x + side * 28, y - 44)], (240, 170, 160)
        )
    canvas.ellipse(x, y, 76, 64, fur)
    for side in (-1, 0, 1):
        canvas.line([(x + side * 16, y - 60), (x + side * 12, y - 34)], dark, 7)
    canvas.ellipse(x, y + 30, 34, 26, light)
    for side in (-1, 1):
        eye = x + side * 33
        canvas.ellipse(eye, y - 2, 16, 17 * (1 - 0.9 * pose.lids) + 1, (168, 214, 92))
        canvas.ellipse(eye + 4 * pose.gaze, y - 2, 6, 14 * (1 - 0.9 * pose.lids) + 1, _INK)
        for whisker in (-8, 4, 16):
            canvas.line([(x + side * 28, y + 28), (x + side * 100, y + 22 + whisker)], light, 2)
    canvas.polygon([(x - 10, y + 16), (x + 10, y + 16), (x, y + 27)], (216, 104, 104))
    if pose.mouth > 0.1:
        canvas.ellipse(x, y + 40, 11, 4 + 12 * pose.mouth, _MOUTH)
    else:
        canvas.line([(x - 14, y + 36), (x, y + 30), (x + 14, y + 36)], dark, 4)
