"""The bounded queue between the event loops and the database threads."""

import queue
import threading
from collections.abc import Callable
from typing import Any

from server.storage.errors import StoreClosed, StoreOverloaded
from server.storage.units import Unit


class Inbox:
    """Units waiting for the database threads that serve them, `capacity` at most. Safe from any loop and thread."""

    def __init__(self, name: str, capacity: int) -> None:
        self._name = name
        self._capacity = capacity
        self._queue: queue.SimpleQueue[Unit[Any] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._threads: list[threading.Thread] = []

    def serve(self, work: Callable[["Inbox"], None]) -> None:
        """Start one more thread that runs `work` until it returns, which it does when `take` gives None."""
        name = f"{self._name}-{len(self._threads)}"
        thread = threading.Thread(target=work, args=(self,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def put(self, unit: Unit[Any]) -> None:
        """Queue a unit, or raise StoreClosed or StoreOverloaded at once: a caller must not wait for room unseen."""
        with self._lock:
            if self._closed:
                raise StoreClosed(f"{self._name} is closed")
            if self._queue.qsize() >= self._capacity:
                raise StoreOverloaded(f"{self._name} has {self._capacity} transactions waiting")
            self._queue.put(unit)

    def take(self) -> Unit[Any] | None:
        """Wait for the next unit; None tells a thread to end."""
        return self._queue.get()

    def take_waiting(self, limit: int) -> list[Unit[Any]]:
        """Take what waits already, `limit` units at most, without waiting."""
        taken: list[Unit[Any]] = []
        while len(taken) < limit:
            try:
                unit = self._queue.get_nowait()
            except queue.Empty:
                break
            if unit is None:
                # The sign to end belongs to a later `take`, after what was taken here.
                self._queue.put(None)
                break
            taken.append(unit)
        return taken

    def close(self) -> None:
        """Refuse new units, and wait until the threads have finished those that were queued."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for _ in self._threads:
                    self._queue.put(None)
        for thread in self._threads:
            thread.join()
