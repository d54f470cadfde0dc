"""Lets those who ask the same at once share one answer, which is never older than their question."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

T = TypeVar("T")


class TakingTurns(Generic[T]):
    """One question about a thing at a time. Who comes while one is under way shares the next with all others who come until it begins."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._next: dict[UUID, asyncio.Task[T]] = {}

    async def ask(self, thing: UUID, question: Callable[[], Awaitable[T]]) -> T:
        """The answer to the question. That its caller is cancelled stops it for nobody."""
        asked = self._next.get(thing)
        if asked is None:
            asked = self._next[thing] = asyncio.create_task(self._in_turn(thing, question))
        return await asyncio.shield(asked)

    async def _in_turn(self, thing: UUID, question: Callable[[], Awaitable[T]]) -> T:
        turn = self._turns.setdefault(thing, asyncio.Lock())
        async with turn:
            # From here on the answer may be older than what others come to ask for.
            del self._next[thing]
            return await question()
