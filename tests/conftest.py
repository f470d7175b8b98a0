"""What all tests share: hypothesis without a clock, and the same examples each time."""

from hypothesis import settings

# A busy machine must not fail a property; and a failure in CI must be the same failure here.
settings.register_profile("rythmo", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("rythmo")
