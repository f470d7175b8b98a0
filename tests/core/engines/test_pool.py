"""The pool's own: engines warmed beside other work, and the embedder that a voice compares with."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from rythmo.engines import fakes, registry
from rythmo.engines.base import EngineSpec, Kind
from rythmo.engines.pool import EnginePool
from rythmo.errors import EngineFailedError, EngineMissingError, EngineRefusedError


class Slow(fakes.FakeVoice):
    """A voice that has something to load."""

    loaded = threading.Event()

    def warm(self) -> None:
        self.loaded.set()


def pool_with(create) -> EnginePool:
    info = fakes.specs()[Kind.VOICE].info
    return EnginePool(given={Kind.VOICE: EngineSpec(info, create)})


def test_an_engine_that_can_is_warmed_in_the_background() -> None:
    info = fakes.specs()[Kind.VOICE].info
    with pool_with(lambda _: Slow(info, fakes.Calls())) as pool:
        pool.warm(Kind.VOICE, "es")
        assert Slow.loaded.wait(10)


def test_an_engine_that_has_nothing_to_load_is_left_alone() -> None:
    info = fakes.specs()[Kind.VOICE].info
    with pool_with(lambda _: fakes.FakeVoice(info, fakes.Calls())) as pool:
        pool.warm(Kind.VOICE, "es")
        assert pool.voice("es").info == info


def test_an_engine_that_can_rests_and_one_that_is_not_started_is_left_alone() -> None:
    rested = []

    class Heavy(fakes.FakeVoice):
        """A voice that takes memory."""

        def rest(self) -> None:
            rested.append(self)

    info = fakes.specs()[Kind.VOICE].info
    with pool_with(lambda _: Heavy(info, fakes.Calls())) as pool:
        pool.rest(Kind.VOICE)
        assert rested == []
        voice = pool.voice("es")
        pool.rest(Kind.TRANSLATOR)
        pool.rest(Kind.VOICE)
    assert rested == [voice]


def test_an_engine_that_cannot_start_says_so_when_it_is_used() -> None:
    def create(_):
        raise EngineFailedError("There is no such model.")

    with pool_with(create) as pool:
        pool.warm(Kind.VOICE, "es")
        with pytest.raises(EngineFailedError, match="no such model"):
            pool.voice("es")


def test_the_embedder_that_a_voice_names_is_the_jobs_own_where_it_is_that_one() -> None:
    own = fakes.specs()[Kind.EMBEDDER]
    with EnginePool(given={Kind.EMBEDDER: own}) as pool:
        assert pool.embedded_by(own.info.name) is pool


def test_an_embedder_that_is_not_ready_is_said_to_be_missing(monkeypatch) -> None:
    from rythmo.engines import registry
    from rythmo.engines.base import Missing

    own = fakes.specs()[Kind.EMBEDDER]
    lacking = EngineSpec(
        replace(own.info, name="lacking"), own.create, lambda: (Missing("a model", "get it"),)
    )
    monkeypatch.setattr(registry, "find", lambda kind, name: lacking)
    with EnginePool(given={Kind.EMBEDDER: own}) as pool, pytest.raises(EngineMissingError, match="a model"):
        pool.embedded_by("lacking")


def test_an_engine_that_sends_starts_only_where_the_user_named_it(monkeypatch):
    """A script, a cache or a cast file may name any engine: that is not the user's choice."""
    spec = fakes.specs()[Kind.VOICE]
    remote = replace(spec, info=replace(spec.info, local=False))
    monkeypatch.setattr(registry, "choose", lambda *_, **__: remote)
    for names in ({}, {Kind.VOICE: "another"}, {Kind.TRANSLATOR: remote.info.name}):
        with EnginePool(names) as pool, pytest.raises(EngineRefusedError):
            pool.start(Kind.VOICE, "es")
    with EnginePool({Kind.VOICE: remote.info.name}) as pool:
        pool.start(Kind.VOICE, "es")
