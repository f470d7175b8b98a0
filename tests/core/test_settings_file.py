"""Settings from file, environment and flags, by one check."""

from dataclasses import fields

import pytest

from rythmo import settings, settings_file, settings_policy
from rythmo.errors import UntrustedError, UsageError


def test_flags_win_over_environment_over_file(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[engines]\nvoice = "a"\ntranslator = "a"\nseparator = "a"\n')
    found = settings_file.resolve_settings(
        file=file,
        environment={"RYTHMO_ENGINES_VOICE": "b", "RYTHMO_ENGINES_TRANSLATOR": "b", "RYTHMO_TEST_DATA": "/x"},
        flags={"engines": {"voice": "c", "diarizer": None}},
    )
    engines = found.engines
    assert (engines.voice, engines.translator, engines.separator, engines.diarizer) == ("c", "b", "a", "auto")


def test_numbers_are_read_from_the_environment():
    found = settings_file.resolve_settings(
        environment={"RYTHMO_FIT_HARD_SPEED": "1.4", "RYTHMO_SPEAKERS_COUNT": "3"}
    )
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
        settings_file.resolve_settings(file=file)
    assert caught.value.hint


def test_saved_settings_come_back(tmp_path):
    chosen = settings_file.resolve_settings(
        flags={"speakers": {"count": 4}, "deliver": {"formats": "otio, srt"}}
    )
    settings_file.save_settings(chosen, tmp_path / "s.toml")
    assert settings_file.resolve_settings(file=tmp_path / "s.toml") == chosen
    assert chosen.deliver.names == ("otio", "srt")


def test_options_of_engines_are_merged(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[options.openai]\nmodel = "a"\nbase_url = "http://127.0.0.1:1"\n')
    found = settings_file.resolve_settings(
        file=file,
        flags={"options": {"openai": {"model": "b"}, "demucs": {"device": "cpu"}}},
        undecided="keep",
    )
    assert found.options == {
        "openai": {"model": "b", "base_url": "http://127.0.0.1:1"},
        "demucs": {"device": "cpu"},
    }
    settings_file.save_settings(found, file)
    assert settings_file.resolve_settings(file=file, undecided="keep") == found


def test_an_option_without_an_engine_is_told(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[options]\nmodel = "a"\n')
    with pytest.raises(UsageError):
        settings_file.resolve_settings(file=file)


def test_a_password_in_an_address_is_refused():
    """It would be written into settings.toml, and into the service's records."""
    flags = {"options": {"openai-compatible": {"base_url": "http://anna:secret@host/v1"}}}
    with pytest.raises(UsageError, match="password") as error:
        settings_file.resolve_settings(flags=flags)
    assert "secret" not in error.value.message


def test_the_users_own_settings_count_for_all_projects_and_below_each(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text('[engines]\nvoice = "elevenlabs"\n[fit]\nhard_speed = 1.3\n')
    (tmp_path / "settings.toml").write_text("[fit]\nhard_speed = 1.2\n")
    found = settings_file.resolve_settings(
        file=tmp_path / "settings.toml", environment={"RYTHMO_HOME": str(home)}
    )
    assert (found.engines.voice, found.fit.hard_speed) == ("elevenlabs", 1.2)


def test_a_wish_that_a_flag_overrides_is_none(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[engines]\nvoice = "elevenlabs"\n')
    with pytest.raises(UntrustedError, match="elevenlabs"):
        settings_file.resolve_settings(file=file)
    assert settings_file.resolve_settings(file=file, undecided="leave out").engines.voice == "auto"
    flags = {"engines": {"voice": "espeak"}}
    assert settings_file.resolve_settings(file=file, flags=flags).engines.voice == "espeak"


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 50_000, "engines = 1", "[[[", "\0", "[fit]\nhard_speed = 'x'"]
)
def test_a_file_that_is_no_settings_is_one_clear_line(tmp_path, text):
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(UsageError) as error:
        settings_file.resolve_settings(file=tmp_path / "settings.toml")
    assert error.value.hint and "\n" not in error.value.message


def test_every_stage_is_free_for_a_project_or_judged():
    stages = {field.name for field in fields(settings.Settings)}
    assert stages == settings_policy.FREE | settings_policy.JUDGED
    assert not settings_policy.FREE & settings_policy.JUDGED


def test_a_project_does_not_say_where_the_work_runs(tmp_path):
    file = tmp_path / "settings.toml"
    mine = settings.Settings(execution=settings.ExecutionSettings("ray", 8, "s3://mine/films", "head:6379"))
    settings_file.save_settings(mine, file)
    assert "execution" not in file.read_text()
    file.write_text('[execution]\nexecutor = "processes"\nworkers = 2\n')
    assert settings_file.resolve_settings(file=file).execution.executor == "processes"
    for line in ('executor = "ray"', 'store = "s3://theirs/x"', 'address = "198.51.100.7:6379"'):
        file.write_text(f"[execution]\n{line}\n")
        with pytest.raises(UntrustedError):
            settings_file.resolve_settings(file=file)
