"""What is signed in a request, in a notification and in a return to the shop.

Source: the open platform's pages on signing requests (057k53) and on verifying notifications (open/200/106120).
"""

from collections.abc import Mapping


def request_content(parameters: Mapping[str, str]) -> str:
    """Everything but `sign` and what is empty, sorted by name, decoded."""
    return _joined({name: value for name, value in parameters.items() if name != "sign" and value})


def notification_content(parameters: Mapping[str, str]) -> str:
    """Everything but `sign` and `sign_type`, sorted by name, decoded."""
    return _joined({name: value for name, value in parameters.items() if name not in ("sign", "sign_type")})


def _joined(parameters: Mapping[str, str]) -> str:
    return "&".join(f"{name}={parameters[name]}" for name in sorted(parameters))
