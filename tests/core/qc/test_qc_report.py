"""The report's files: valid, self-contained, safe, the same every time."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from rythmo.media.audio import Audio
from rythmo.media.wav import write_wav
from rythmo.qc.findings import summarise_fit
from rythmo.qc.report import decode_report, encode_report, report_schema, write_report
from rythmo.qc.report_clips import Clip, cut_clips
from rythmo.qc.report_html import render_page
from rythmo.qc.report_model import (
    VERSION,
    Aim,
    Finding,
    Levels,
    LineMeasures,
    Paid,
    QcReport,
    Region,
    Stems,
    SubtitleMeasures,
)
from rythmo.script.model import Flag, Severity

RATE = 48_000
EVIL = '</script><img src=x onerror="alert(1)">&"\''


def a_report(*, lines: int = 3, name: str = "Film", text: str = "hola") -> QcReport:
    measured = tuple(
        LineMeasures(
            id=f"S1_{i:04}",
            speaker="S1",
            text="hello",
            translation=text,
            start=i * RATE,
            end=(i + 1) * RATE,
            placed_start=i * RATE,
            placed_end=(i + 1) * RATE,
            slot_end=(i + 1) * RATE,
            fit=1.0,
            speed=1.1,
            placement_ms=0.1,
            loudness_lufs=-24.0,
            flags=(Flag("fast", text),),
        )
        for i in range(lines)
    )
    findings = (
        Finding("S1_0001", RATE, Severity.ERROR, "clipped", f"Clipped {text}"),
        Finding(None, 0, Severity.INFO, "hollow", "Empty"),
    )
    return QcReport(
        version=VERSION,
        programme=name,
        source_language="en",
        target_language="es",
        sample_rate=RATE,
        length=10 * RATE,
        frame_rate="24000/1001",
        start_frame=86400,
        drop=False,
        speakers=(("S1", text, ""),),
        engines=(("voice", "fake 1"),),
        lines=measured,
        fit=summarise_fit(measured),
        levels=(Levels("MIX", -23.0, -18.0, -3.0, -3.2, 0),),
        loudness_curve=(-30.0, None, -23.0, -22.0),
        stems=Stems((), 0, 0, 0, lengths_differ=False),
        regions=(Region(RATE, 2 * RATE, -25.0, 3.0),),
        residue_db=-25.0,
        subtitles=(SubtitleMeasures("es", 3, 15.0, 30, 0, 0, 0, 0),),
        findings=findings,
        aim=Aim("EBU R128", -23.0, 0.5, -1.0, by_dialogue=False, measured_lufs=-23.0),
        provenance=text or "2 files signed.",
        disclosure=text or "The voices are a machine's.",
        paid=(
            Paid("voice", text, "v1", 12, 2, (("characters", 1234.0),), 0.1234, "USD"),
            Paid("translator", "b", "v2", 1, 0, (("input_tokens", 5.0),), None, "USD"),
        ),
    )


class Tags(HTMLParser):
    """Every tag with its attributes, and whether what was opened was closed."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_json_comes_back_as_it_went() -> None:
    report = a_report(text=EVIL)
    assert decode_report(encode_report(report)) == report


def test_the_shipped_schema_is_the_model_s() -> None:
    import rythmo.qc

    shipped = json.loads((Path(rythmo.qc.__file__).parent / "report.schema.json").read_text())
    assert shipped == report_schema()
    assert set(shipped["$defs"]["QcReport"]["required"]) == set(json.loads(encode_report(a_report())))


def test_the_documentation_names_every_field() -> None:
    text = (Path(__file__).parents[3] / "docs" / "report-schema.md").read_text()
    for name in (name for part in report_schema()["$defs"].values() for name in part.get("properties", {})):
        assert f"`{name}`" in text, name


@pytest.mark.parametrize("lines", [0, 1, 40])
def test_the_page_is_well_formed_and_loads_nothing(lines: int) -> None:
    html = render_page(a_report(lines=lines), {"S1_0001": Clip(b"sound", b"before")})
    tags = Tags(html)
    assert tags.open == []
    for tag, attributes in tags.tags:
        for name in ("src", "href", "action", "data"):
            value = attributes.get(name) or ""
            assert value.startswith(("data:", "#")) or not value, (tag, value)
    assert not re.search(r"url\(|@import|https?://", html)
    assert "default-src 'none'" in html


def test_what_a_project_says_is_escaped() -> None:
    html = render_page(a_report(name=EVIL, text=EVIL), {})
    assert "<img" not in html
    assert html.count("</script>") == 1


def test_every_button_has_its_sound_and_a_name() -> None:
    tags = Tags(render_page(a_report(), {"S1_0001": Clip(b"sound", None)})).tags
    sounds = {attributes["id"] for tag, attributes in tags if tag == "audio"}
    buttons = [
        attributes for tag, attributes in tags if tag == "button" and attributes.get("class") == "play"
    ]
    assert {button["data-clip"] for button in buttons} == sounds == {"dub-S1_0001"}
    assert all(button["aria-label"] for button in buttons)


def test_links_lead_to_a_line() -> None:
    tags = Tags(render_page(a_report(), {})).tags
    ids = {attributes.get("id") for _, attributes in tags}
    links = [attributes["href"] for tag, attributes in tags if tag == "a"]
    assert links
    assert all(link is not None and link[1:] in ids for link in links)


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    clips = {"S1_0001": Clip(b"sound", b"before")}
    first = [path.read_bytes() for path in write_report(a_report(), tmp_path / "one", clips)]
    second = [path.read_bytes() for path in write_report(a_report(), tmp_path / "two", clips)]
    assert first == second


def test_lines_and_flagged_stretches_of_the_bed_get_a_clip_that_can_be_heard(tmp_path: Path) -> None:
    import io

    import soundfile

    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(10 * RATE) / RATE)
    for path in (*(tmp_path / "stems" / f"{name}.wav" for name in ("MIX", "ME")), tmp_path / "original.wav"):
        write_wav(path, Audio(np.stack([tone, tone]).astype(np.float32), RATE))
    residue = Finding(None, RATE, Severity.WARNING, "residue", "The original voice stays.")
    report = replace(a_report(), findings=(residue, *a_report().findings))
    clips = cut_clips(report, tmp_path, tmp_path / "original.wav")
    assert list(clips) == ["S1_0001", f"bed-{RATE}", "S1_0000", "S1_0002"], "the worst first, then the rest"
    assert clips[f"bed-{RATE}"].label == "M&E"
    assert f'data-clip="dub-bed-{RATE}"' in render_page(report, clips)
    sound, rate = soundfile.read(io.BytesIO(clips["S1_0001"].dubbed))
    assert sound.size / rate == pytest.approx(2.2, abs=0.1)
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(0.2 / np.sqrt(2), rel=0.05)
    assert clips["S1_0001"].original is not None


def test_without_a_mix_there_are_no_clips(tmp_path: Path) -> None:
    assert cut_clips(a_report(), tmp_path) == {}


def test_what_it_cost_is_told_and_what_is_not_known_is_not_taken_for_nothing() -> None:
    html = render_page(a_report(), {})
    assert "About 0.12 USD in total, plus engines without a known price" in html
    assert "12 requests, 2 of them retries; 1,234 characters" in html
    assert "What it cost" not in render_page(replace(a_report(), paid=()), {})
