"""How much the unit tests explore: enough to find what is wrong, little enough to be run all the time."""

from hypothesis import settings

# A busy machine must not fail a test that is right.
settings.register_profile("unit", max_examples=60, deadline=None)
settings.load_profile("unit")
