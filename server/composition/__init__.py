"""Puts the parts together, a module for each; beside `main` and the commands the only place that knows every room."""

from server.composition.choices import Choices, Configuring, choices_of, configuring_of
from server.composition.configs import config_operations
from server.composition.following import FOLLOWED
from server.composition.operations import Operations, compose
from server.composition.stores import open_current_store, open_store

__all__ = [
    "FOLLOWED",
    "Choices",
    "Configuring",
    "Operations",
    "choices_of",
    "compose",
    "config_operations",
    "configuring_of",
    "open_current_store",
    "open_store",
]
