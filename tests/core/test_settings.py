"""Settings from file, environment and flags, by one check."""

import pytest

from rythmo import settings
from rythmo.errors import UsageError


def test_flags_win_over_environment_over_file(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[engines]\nvoice = "a"\ntranslator = "a"\nseparator = "a"\n')
    found = settings.resolve(
        file=file,
        environment={"RYTHMO_ENGINES_VOICE": "b", "RYTHMO_ENGINES_TRANSLATOR": "b", "RYTHMO_TEST_DATA": "/x"},
        flags={"engines": {"voice": "c", "diarizer": None}},
    )
    engines = found.engines
    assert (engines.voice, engines.translator, engines.separator, engines.diarizer) == ("c", "b", "a", "auto")


def test_numbers_are_read_from_the_environment():
    found = settings.resolve(environment={"RYTHMO_FIT_HARD_SPEED": "1.4", "RYTHMO_SPEAKERS_COUNT": "3"})
    assert (found.fit.hard_speed, found.speakers.count) == (1.4, 3)


@pytest.mark.parametrize(
    "text",
    [
        '[engines]\nvoce = "a"\n',
        "[nothing]\nx = 1\n",
        '[speakers]\ncount = "many"\n',
        "not toml",
        "[fit]\nhard_speed = 0.5\n",
    ],
)
def test_mistakes_are_told(tmp_path, text):
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        settings.resolve(file=file)
    assert caught.value.hint


def test_saved_settings_come_back(tmp_path):
    chosen = settings.resolve(flags={"speakers": {"count": 4}, "deliver": {"formats": "otio, srt"}})
    settings.save(chosen, tmp_path / "s.toml")
    assert settings.resolve(file=tmp_path / "s.toml") == chosen
    assert chosen.deliver.names == ("otio", "srt")
