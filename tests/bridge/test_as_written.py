"""Subtitles as they are displayed."""

from rythmo_bridge.subtitles.srt import read_as_written


def test_line_breaks_and_dashes_stay(tmp_path):
    path = tmp_path / "a.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,500\n- <i>One</i>\n- Two\n")
    assert read_as_written(path, 48_000) == ((48_000, 120_000, "- One\n- Two"),)
