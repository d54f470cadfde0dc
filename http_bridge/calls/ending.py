"""How a gRPC call ended: its reply, or the failure that it means."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Final, TypeVar

from grpc.aio import AioRpcError, Call

from http_bridge.failures.failure import Failed
from http_bridge.failures.from_grpc import INTERNAL, failure_of, is_replayed

Reply = TypeVar("Reply")

REPLAYED: Final[Mapping[str, str]] = {"Idempotent-Replayed": "true"}


async def ending(reply: Awaitable[Reply], *, has_side_effects: bool) -> Reply:
    """Raises Failed. A caller who hangs up cancels this task, and so the call."""
    try:
        return await reply
    except AioRpcError as error:
        raise Failed(failure_of(error, has_side_effects=has_side_effects)) from None
    except asyncio.CancelledError:
        if is_being_cancelled():
            raise
        # Not we were cancelled but the call, as its channel was closed.
        raise Failed(INTERNAL) from None


def is_being_cancelled() -> bool:
    """Whether a CancelledError is meant for the task that runs, rather than for what it waits for."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


async def replay_headers(call: Call) -> Mapping[str, str] | None:
    """What tells a caller that a stored reply came; to be asked of a call that has ended well."""
    for metadata in (await call.initial_metadata(), await call.trailing_metadata()):
        if is_replayed(metadata):
            return REPLAYED
    return None
