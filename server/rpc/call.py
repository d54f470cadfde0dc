"""The call that a servicer serves: who calls, and the operation's id."""

from contextvars import ContextVar

from server.domain.access import Call

_CURRENT: ContextVar[Call] = ContextVar("current_call")


def current_call() -> Call:
    """The call that the running task serves. Raises LookupError outside of one."""
    return _CURRENT.get()


def enter_call(call: Call) -> None:
    """Makes it the running task's call. gRPC runs every call in a task of its own, so nothing needs to be undone."""
    _CURRENT.set(call)
