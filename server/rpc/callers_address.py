"""Where a call came from, as the bridge or a trusted proxy in front of the server says."""

from ipaddress import ip_address

from server.rpc.exchange import Context

_FORWARDED_FOR = "x-forwarded-for"


def callers_address(context: Context) -> str | None:
    """The customer's IP address, if the caller passed one on; the caller's own connection says nothing of a customer.

    Each proxy appends the address that it was called from: the first one is the farthest. What is no address is none.
    """
    for key, value in context.invocation_metadata() or ():
        if key == _FORWARDED_FOR:
            first, _, _ = str(value).partition(",")
            try:
                return str(ip_address(first.strip()))
            except ValueError:
                return None
    return None
