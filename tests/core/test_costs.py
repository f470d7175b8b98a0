"""What was used, what it costs, and that a project remembers it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from rythmo.dubbing import costs, pipeline, quality_check
from rythmo.dubbing.edit_session import Session
from rythmo.engines import fakes
from rythmo.engines.base import EngineInfo, EngineSpec, Kind
from rythmo.engines.pool import EnginePool
from rythmo.engines.prices import EngineUsage, PriceTable, load_prices, merge_usage
from rythmo.engines.remote.calls import Usage
from rythmo.errors import InputError
from rythmo.progress import Progress
from rythmo.project.workspace import Project
from rythmo.script import edits

OWN = """currency = "USD"
[[price]]
kind = "voice"
engine = "elevenlabs"
model = "eleven_multilingual_v2"
unit = "characters"
amount = 0.18
per = 1000
date = "2026-11-01"
source = "our contract"
"""


def test_a_table_prices_what_was_used_and_a_snapshot_costs_what_its_model_does():
    table = load_prices()
    units = {"input_tokens": 2_000_000.0, "output_tokens": 100_000.0}
    for model in ("gpt-4o", "gpt-4o-2024-08-06"):
        assert table.cost(EngineUsage("translator", "openai", model, 5, 0, units)) == Decimal("6.00")
    assert table.cost(EngineUsage("translator", "openai", "gpt-4o-mini", 5, 0, units)) == Decimal("0.36")


def test_a_price_that_nobody_wrote_down_is_unknown_not_nothing():
    bill = costs.price([EngineUsage("voice", "azure", "v1", 3, 0, {"characters": 100})], load_prices())
    assert bill.items[0].amount is None
    assert bill.unknown == ("azure (v1)",)
    assert "not known" in bill.told()
    assert bill.as_data()["engines"][0]["amount"] is None


def test_every_price_says_where_and_when_it_was_read():
    for price in load_prices().prices:
        assert price.source.startswith("https://")
        assert len(price.date) == 10


def test_ones_own_prices_replace_the_built_in_ones(tmp_path):
    (tmp_path / "prices.toml").write_text(OWN)
    table = load_prices(tmp_path / "prices.toml")
    used = EngineUsage("voice", "elevenlabs", "eleven_multilingual_v2", 1, 0, {"characters": 1000})
    assert table.cost(used) == Decimal("0.18")
    assert len(table.prices) == len(load_prices().prices)


@pytest.mark.parametrize("text", ["", "currency = 1\nprice = 2", OWN.replace("0.18", "-1"), "="])
def test_what_is_no_table_of_prices_is_told(tmp_path, text):
    (tmp_path / "prices.toml").write_text(text)
    with pytest.raises(InputError, match="is not a table"):
        load_prices(tmp_path / "prices.toml")


def test_amounts_of_one_engine_add_up():
    one = EngineUsage("voice", "a", "m", 2, 1, {"characters": 5})
    assert merge_usage([one, one]) == (EngineUsage("voice", "a", "m", 4, 2, {"characters": 10}),)


class Paid(fakes.FakeVoice):
    """A voice that counts what it would cost."""

    def __init__(self, info, calls):
        super().__init__(info, calls)
        self.usage = Usage()

    def speak(self, request, **more):
        self.usage.request(again=False)
        self.usage.count(characters=len(request.text))
        return super().speak(request, **more)


INFO = EngineInfo(Kind.VOICE, "paid", "model-1", "", "", local=False)


def engines(calls):
    return {**fakes.specs(calls), Kind.VOICE: EngineSpec(INFO, lambda _: Paid(INFO, calls))}


def test_a_pool_gives_what_was_used_since_it_was_last_asked():
    from rythmo.engines.base import SpeechRequest
    from rythmo.script.takes import VoiceRef

    request = SpeechRequest("hola", "es", VoiceRef("paid", "v", {"hz": 200}))
    with EnginePool(given=engines(fakes.Calls())) as pool:
        assert pool.spent() == ()
        pool.voice("es").speak(request)
        assert pool.spent() == (EngineUsage("voice", "paid", "model-1", 1, 0, {"characters": 4}),)
        assert pool.spent() == ()


def test_a_project_remembers_what_its_runs_cost(tmp_path, monkeypatch):
    from dataclasses import replace

    import toy

    source = toy.write_sound(tmp_path / "toy.wav", scene=toy.SCENE[:2], length=200_000)
    job = pipeline.Job(source=source, target_language="es", source_language="en", out=tmp_path)
    settings = pipeline.Settings(deliver=replace(pipeline.Settings().deliver, formats="srt"))
    first = pipeline.dub(job, settings, engines=engines(fakes.Calls()))
    spoken = sum(len(line.translation) for line in first.script.lines)
    assert [item.spent.units for item in first.cost.items] == [{"characters": float(spoken)}]
    line = replace(first.script.lines[0], translation="otra", edited=("translation",))
    second = pipeline.redo(
        first.project, first.script.with_line(line), settings, engines=engines(fakes.Calls())
    )
    assert second.cost.items[0].spent.requests == 1
    assert second.cost_so_far.items[0].spent.units == {"characters": spoken + 4.0}
    assert costs.spent_so_far(first.project)[0].requests == len(first.script.lines) + 1
    again = pipeline.dub(job, settings, engines=engines(fakes.Calls()))
    (paid,) = json.loads((again.project.root / "qc" / "report.json").read_text())["paid"]
    assert (paid["engine"], paid["requests"], paid["amount"]) == ("paid", len(first.script.lines) + 1, None)
    page = (again.project.root / "qc" / "report.html").read_text()
    assert "What it cost" in page and f"{paid['requests']} requests" in page
    quality_check.measure(again.project, deaf=True)
    assert json.loads((again.project.root / "qc" / "report.json").read_text())["paid"] == [paid]
    assert again.cost.items == ()
    assert again.cost_so_far == second.cost_so_far


def test_a_record_that_cannot_be_read_counts_as_none(tmp_path):
    project = Project(tmp_path)
    (tmp_path / costs.FILE).write_text("{")
    assert costs.spent_so_far(project) == ()
    assert costs.add(project, ()) == ()


def test_small_amounts_are_shown():
    assert costs.money(Decimal("0.004")) == "0.0040"
    assert costs.money(Decimal("1.005")) == "1.01"
    assert costs.Bill("USD").told() == ""
    assert costs.price([], PriceTable("USD", ())).as_data()["amount"] == 0


def test_what_is_owed_can_be_looked_at_without_being_asked_for():
    with EnginePool(given=engines(fakes.Calls())) as pool:
        for count in (1, 2):
            pool.voice("es").usage.request(again=False)
            assert [one.requests for one in pool.owed()] == [count]
        assert [one.requests for one in pool.spent()] == [2]
        assert pool.owed() == ()


def test_whoever_watches_is_told_what_was_spent_so_far(tmp_path):
    told = []
    settings = pipeline.Settings()
    with EnginePool(given=engines(fakes.Calls())) as pool:
        report = pipeline.with_cost(told.append, pool, settings)
        report(Progress("voice", 0, 2))
        pool.voice("es").usage.request(again=False)
        report(Progress("voice", 1, 2))
    assert told[0].cost is None
    assert (told[1].cost.currency, told[1].cost.unknown) == ("USD", ("paid (model-1)",))


def test_a_single_take_is_written_down_too(tmp_path, monkeypatch):

    import toy

    source = toy.write_sound(tmp_path / "toy.wav", scene=toy.SCENE[:1], length=120_000)
    job = pipeline.Job(source=source, target_language="es", source_language="en", out=tmp_path)
    done = pipeline.dub(job, pipeline.Settings(), engines=engines(fakes.Calls()))
    before = costs.spent_so_far(done.project)[0].requests
    line = edits.request_another_take(done.script, done.script.lines[0].id)
    with Session(done.project, pipeline.Settings(), engines=engines(fakes.Calls())) as session:
        session.say(line, done.script.lines[0].id)
    assert costs.spent_so_far(done.project)[0].requests == before + 1
