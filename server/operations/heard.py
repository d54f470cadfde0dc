"""Remembers what a gateway said in vain, so that it is asked once for it and an operator is told once."""

from collections import OrderedDict
from collections.abc import Hashable

_MOST = 10_000


class Heard:
    """In this process's memory, and no more of it than `most`: what is forgotten is asked for and told once more, which harms nobody."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._ranks: OrderedDict[Hashable, int] = OrderedDict()

    def up_to(self, key: Hashable) -> int:
        """The rank of the last that was heard of it; below every rank where nothing was."""
        return self._ranks.get(key, -1)

    def note(self, key: Hashable, rank: int) -> bool:
        """Whether this is the first that is heard of it."""
        is_first = key not in self._ranks
        self._ranks[key] = max(rank, self.up_to(key))
        self._ranks.move_to_end(key)
        if len(self._ranks) > self._most:
            self._ranks.popitem(last=False)
        return is_first
