"""The environment of a process that a test starts."""

import os

from server.settings import PREFIX


def environment_with(settings: dict[str, str]) -> dict[str, str]:
    """This process's own, with these settings and no others."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | settings
