"""Where a call came from, as the bridge or a trusted proxy in front of the server says."""

from server.rpc.exchange import Context

_FORWARDED_FOR = "x-forwarded-for"


def callers_address(context: Context) -> str | None:
    """The customer's IP address, if the caller passed one on; the caller's own connection says nothing of a customer."""
    for key, value in context.invocation_metadata() or ():
        if key == _FORWARDED_FOR:
            return str(value)
    return None
