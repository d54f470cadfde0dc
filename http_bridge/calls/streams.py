"""The server streams that are open: at shutdown they are ended, since nobody knows when they would end by themselves."""

from collections.abc import Iterator
from contextlib import contextmanager

from grpc.aio import Call


class OpenStreams:
    def __init__(self) -> None:
        self._calls: set[Call] = set()
        self.ended = False

    @contextmanager
    def holding(self, call: Call) -> Iterator[None]:
        """While the stream is read; after that the call is over, whatever the server thinks."""
        self._calls.add(call)
        try:
            yield
        finally:
            self._calls.discard(call)
            call.cancel()

    def end_all(self) -> None:
        self.ended = True
        for call in tuple(self._calls):
            call.cancel()
