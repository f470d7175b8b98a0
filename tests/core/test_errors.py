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


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = {word for word in errors.__doc__.replace("│", " ").split() if word.endswith("Error")}
    assert drawn == {kind.__name__ for kind in ALL}


@pytest.mark.parametrize("kind", ALL)
def test_only_usage_exits_with_two(kind):
    assert kind.exit_code == (2 if kind is errors.UsageError else 1)
