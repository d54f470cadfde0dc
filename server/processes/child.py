"""`python -m server.processes.child ROLE READY_FD`: one process of the group, from its start to its end."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

import uvloop

from server.logs import log_to_stderr
from server.processes.roles import ROLES
from server.settings import SettingsError, read_settings

_SWITCH_SECONDS = 0.0005


def main(role: str, ready_fd: int) -> int:
    """Runs a role until SIGTERM, or until the process that started this one is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the group's own process hears it and asks us to end
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def ready() -> None:
        os.write(ready_fd, b"1")
        os.close(ready_fd)

    try:
        settings = read_settings(os.environ)
        log_to_stderr(settings.log_level, role)
        prepare_interpreter()
        uvloop.run(_until_terminated(lambda: ROLES[role](settings, ready)))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def prepare_interpreter() -> None:
    """Lets a database thread get its turn within half a millisecond of the event loop's work, not within five."""
    sys.setswitchinterval(_SWITCH_SECONDS)


async def _until_terminated(run: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.ensure_future(run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def _end_with_parent() -> None:
    """Our standard input is a pipe that our parent holds open; it ends when the parent does, however that ends. Nothing more may be done then."""
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
