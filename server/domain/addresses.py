"""Web addresses that are handed to us: whether they are some at all, and whether the whole Internet could reach them."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from server.domain.public_addresses import is_public_address

# What only a machine or its network knows by name; see RFC 6761, 6762, 8375 and ICANN's reservation of `internal`.
_LOCAL_NAMES = (
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "home.arpa",
    "test",
    "invalid",
)


def host_of(url: str) -> str | None:
    """The host of an http or https address in lower case; None for everything else, such as one with a user's name in it or with blanks."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    proper = parts.scheme in ("http", "https") and "@" not in parts.netloc and port != 0
    if not proper or not host or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    return host


def is_https(url: str) -> bool:
    """Whether what is sent there cannot be read on its way."""
    return urlsplit(url).scheme == "https"


def is_public(host: str) -> bool:
    """Whether a host can be reached from everywhere, as far as its name tells; nothing is resolved."""
    name = host.lower().removesuffix(".")
    address = _address(name)
    if address is not None:
        return is_public_address(address)
    labels = name.split(".")
    # A last label that begins with a digit is a number in one of the old forms of addresses, such as 127.1 and 0x7f000001, which systems still follow.
    if len(labels) < 2 or not all(labels) or labels[-1][0].isdigit():
        return False
    return not any(name == local or name.endswith(f".{local}") for local in _LOCAL_NAMES)


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None
