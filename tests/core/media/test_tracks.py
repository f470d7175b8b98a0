"""Of several tracks the one that is meant, and what goes with the film."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from rythmo.errors import UsageError
from rythmo.media import ffmpeg
from rythmo.media.encode import mux_dub
from rythmo.media.media_info import AudioStream, MediaInfo, SubtitleStream
from rythmo.media.probe import probe
from rythmo.media.subtitle_track import read_track
from rythmo.media.tracks import choose_subtitles, choose_track, language_of, offer_subtitles


def stream(index, language="", **more):
    return AudioStream(index, "aac", 48_000, 2, "stereo", 0, 48_000, language, **more)


def film(*streams, subtitles=()):
    return MediaInfo(Path("film.mkv"), "matroska", 48_000, None, streams, subtitles=subtitles)


DUBBED = film(
    stream(1, "deu", default=True), stream(2, "eng"), stream(3, "eng", title="Director's commentary")
)


@pytest.mark.parametrize(
    ("info", "language", "asked", "number"),
    [
        (DUBBED, "en", "", 2),
        (DUBBED, "de", "", 1),
        (DUBBED, "", "", 1),
        (DUBBED, "fr", "", 1),
        (DUBBED, "de", "en", 2),
        (DUBBED, "de", "3", 3),
        (DUBBED, "de", "#2", 2),
        (film(stream(1, default=True, commentary=True), stream(2)), "en", "", 2),
        (film(stream(1, "eng", default=True, description=True), stream(2, "eng")), "en", "", 2),
        (film(stream(1, "eng", title="English AD"), stream(2, "eng")), "en", "", 2),
        (
            film(stream(1, "eng"), stream(2, "eng", default=True), stream(3, "eng", original=True)),
            "en",
            "",
            3,
        ),
        (film(stream(1, "eng", default=True, hearing_impaired=True), stream(2, "eng")), "en", "", 2),
        (film(stream(1, "eng", title="Clear dialogue"), stream(2, "eng")), "en", "", 2),
        (film(stream(1, "eng", hearing_impaired=True)), "en", "", 1),
        (film(stream(1, "ger"), stream(2)), "en", "", 2),
        (film(stream(1, commentary=True)), "en", "", 1),
    ],
)
def test_the_track_that_is_meant(info, language, asked, number):
    assert choose_track(info, language, asked).number == number


def test_what_was_chosen_is_told_where_there_was_a_choice():
    assert "(1 German, 2 English, 3 commentary): number 2 is dubbed" in choose_track(DUBBED, "en").note
    assert "none is tagged as French" in choose_track(DUBBED, "fr").note
    assert not choose_track(film(stream(1, "deu")), "en").note


@pytest.mark.parametrize("asked", ["4", "0", "fr", "klingon"])
def test_a_track_that_is_not_there_is_refused_with_those_that_are(asked):
    with pytest.raises(UsageError) as caught:
        choose_track(DUBBED, "en", asked)
    assert caught.value.hint == "There are: 1 German, 2 English, 3 commentary."


def test_tags_of_three_and_two_letters_mean_the_same():
    assert [language_of(tag) for tag in ("ger", "deu", "de", "de-AT", "zho", "und", "", "xyz")] == [
        "de", "de", "de", "de", "zh", "", "", "",
    ]  # fmt: skip


def test_subtitles_are_offered_and_pictures_refused():
    info = film(
        subtitles=(
            SubtitleStream(3, "hdmv_pgs_subtitle", "eng", text=False),
            SubtitleStream(4, "subrip", "eng"),
        )
    )
    assert offer_subtitles(info, "en", "--script").endswith("use them with --script stream:2.")
    assert not offer_subtitles(info, "es", "--translation")
    with pytest.raises(UsageError, match="holds pictures"):
        choose_subtitles(info, 1)
    with pytest.raises(UsageError, match="no subtitle track 3"):
        choose_subtitles(info, 3)


@pytest.fixture(scope="module")
def rich(tmp_path_factory) -> Path:
    """A film with chapters, subtitles, two languages and a picture whose frames come unevenly."""
    folder = tmp_path_factory.mktemp("rich")
    (folder / "en.srt").write_text("1\n00:00:00,500 --> 00:00:01,500\nHello there.\n")
    (folder / "marks.txt").write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=3000\ntitle=Two\n"
    )
    target = folder / "rich.mkv"
    tones = [part for hz in (300, 500) for part in ("-f", "lavfi", "-i", f"sine=f={hz}:d=3:r=48000")]
    inputs = ["-f", "lavfi", "-i", "testsrc=s=64x36:r=30:d=3", *tones]
    texts = ["-f", "srt", "-i", str(folder / "en.srt"), "-f", "ffmetadata", "-i", str(folder / "marks.txt")]
    uneven = ["-vf", "select='not(eq(mod(n,7),3))'", "-fps_mode", "vfr"]
    maps = [part for index in ("0:v", "1:a", "2:a", "3:s") for part in ("-map", index)]
    tags = [
        "-metadata:s:a:0",
        "language=deu",
        "-metadata:s:a:1",
        "language=eng",
        "-metadata:s:s:0",
        "language=eng",
    ]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-c:s", "srt", "-map_chapters", "4"]
    ffmpeg.run([*inputs, *texts, *maps, *uneven, *codecs, *tags, str(target)])
    return target


def test_a_variable_rate_is_the_standard_rate_of_most_frames(rich):
    info = probe(rich)
    assert info.variable_rate and info.frame_rate == Fraction(30)
    assert abs(info.duration - 3 * 48_000) < 4800


def test_subtitles_in_the_film_are_read_as_text(rich):
    info = probe(rich)
    assert [(one.language, one.text) for one in info.subtitles] == [("eng", True)]
    assert b"00:00:00,500 --> 00:00:01,500" in read_track(info, 1)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_chapters_are_kept(rich, tmp_path, suffix):
    import av

    sound, target = tmp_path / "dub.wav", tmp_path / f"dub{suffix}"
    ffmpeg.run(["-f", "lavfi", "-i", "sine=f=300:d=3:r=48000", "-c:a", "pcm_s24le", str(sound)])
    mux_dub(rich, sound, target, language="es")
    with av.open(str(target)) as made:
        marks = [
            (float(mark["start"] * mark["time_base"]), mark["metadata"]["title"]) for mark in made.chapters()
        ]
    assert marks == [(0.0, "One"), (1.0, "Two")]


def test_the_chosen_track_is_the_one_that_is_decoded(rich):
    from rythmo.media.decode import choose_stream

    info = probe(rich)
    chosen = choose_track(info, "en").stream
    assert (
        choose_stream(info).language == "deu"
        and choose_stream(replace(info, chosen=chosen.index)).language == "eng"
    )


def test_a_cover_before_the_film_is_not_its_picture(tmp_path):
    cover, plain, film_path = tmp_path / "c.jpg", tmp_path / "plain.mkv", tmp_path / "film.mkv"
    sources = ("-f", "lavfi", "-i", "testsrc2=s=64x36:d=1:r=25", "-f", "lavfi", "-i", "sine=300:d=1")
    ffmpeg.run([*sources, "-c:v", "libx264", "-c:a", "pcm_s16le", str(plain)])
    ffmpeg.run(["-f", "lavfi", "-i", "color=red:s=32x32", "-frames:v", "1", str(cover)])
    ffmpeg.run(["-i", str(cover), "-i", str(plain), "-map", "0", "-map", "1", "-c", "copy", str(film_path)])
    found = probe(film_path).video
    assert found is not None and (found.width, found.frames) == (64, 25)


def test_a_phone_held_upright_makes_an_upright_picture(tmp_path):
    import av

    plain, turned = tmp_path / "plain.mp4", tmp_path / "turned.mp4"
    sources = ("-f", "lavfi", "-i", "testsrc2=s=64x36:d=1:r=25", "-f", "lavfi", "-i", "sine=300:d=1")
    ffmpeg.run([*sources, "-c:v", "libx264", "-c:a", "aac", str(plain)])
    with av.open(str(plain)) as source, av.open(str(turned), "w") as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        streams[0].set_display_rotation(90)
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream_index]
                target.mux(packet)
    found = probe(turned).video
    assert found is not None and (found.width, found.height) == (36, 64)
