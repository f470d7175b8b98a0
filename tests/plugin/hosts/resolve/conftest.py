"""Resolve with the toy film on a timeline; the service and the film come from the folder above."""

from __future__ import annotations

from fractions import Fraction

import pytest
from fake_resolve import Manners, Resolve


@pytest.fixture
def resolve(film):
    """A Resolve with the toy film on a timeline at 25, 01:00:00:00."""

    def make(
        manners: Manners | None = None, rate=Fraction(25), start="01:00:00:00", name="Reel 1"
    ) -> Resolve:
        made = Resolve(manners)
        made.film(name, film, rate=rate, start=start)
        return made

    return make
