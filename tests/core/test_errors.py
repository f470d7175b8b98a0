"""The error tree."""

import pickle

import pytest

from rythmo import errors

ALL = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, errors.RythmoError)
]


@pytest.mark.parametrize("kind", ALL)
def test_errors_pickle_whole(kind):
    back = pickle.loads(pickle.dumps(kind("it broke", hint="mend it")))
    assert (type(back), back.message, back.hint, str(back)) == (kind, "it broke", "mend it", "it broke")


@pytest.mark.parametrize("kind", ALL)
def test_errors_keep_their_place_and_notes(kind):
    error = kind("it broke", hint="mend it")
    error.place = "node 7"
    error.add_note("on a Tuesday")
    back = pickle.loads(pickle.dumps(error))
    assert (back.place, back.__notes__) == ("node 7", ["on a Tuesday"])


def test_a_list_of_missing_files_travels():
    error = errors.MissingMediaError("gone", missing=("a.wav", "b.wav"))
    assert pickle.loads(pickle.dumps(error)).missing == ("a.wav", "b.wav")


class OddlyMadeError(errors.EngineFailedError):
    """An error of a plugin, with a constructor of its own."""

    def __init__(self, engine, status):
        super().__init__(f"{engine} answered {status}", hint="wait")
        self.status = status


def test_an_error_with_its_own_constructor_travels_whole():
    back = pickle.loads(pickle.dumps(OddlyMadeError("toy", 503)))
    assert (type(back), str(back), back.hint, back.status) == (
        OddlyMadeError,
        "toy answered 503",
        "wait",
        503,
    )


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = {word for word in errors.__doc__.replace("│", " ").split() if word.endswith("Error")}
    assert drawn == {kind.__name__ for kind in ALL}


@pytest.mark.parametrize("kind", ALL)
def test_only_usage_exits_with_two(kind):
    assert kind.exit_code == (2 if kind is errors.UsageError else 1)
