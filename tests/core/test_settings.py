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


def test_options_of_engines_are_merged(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[options.openai]\nmodel = "a"\nbase_url = "http://127.0.0.1:1"\n')
    found = settings.resolve(
        file=file, flags={"options": {"openai": {"model": "b"}, "demucs": {"device": "cpu"}}}
    )
    assert found.options == {
        "openai": {"model": "b", "base_url": "http://127.0.0.1:1"},
        "demucs": {"device": "cpu"},
    }
    settings.save(found, file)
    assert settings.resolve(file=file) == found


def test_an_option_without_an_engine_is_told(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[options]\nmodel = "a"\n')
    with pytest.raises(UsageError):
        settings.resolve(file=file)
