"""Checks who signed a webhook and when. Source: docs.stripe.com/webhooks#verify-manually."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from gateways.stripe.event import SIGNATURE_HEADER
from server.domain.callback import Check, CheckResult

# In either direction: a time to come is as wrong as one long past.
_TOLERANCE_SECONDS = 300
_MOST_SIGNATURES = 16
_TIME = re.compile(r"[0-9]{1,12}")

_COVERS = (
    "v1 must be the hexadecimal HMAC-SHA256, under the endpoint's signing secret, of the time t, a point and the body"
)


@dataclass(frozen=True, slots=True)
class _Signed:
    """When a webhook says that it was signed, in seconds since 1970 as they stand in the header, and its signatures of the scheme that counts."""

    time: str
    signatures: tuple[str, ...]


def signature_checks(
    headers: Mapping[str, str], body: bytes, received_at: datetime, secret: str
) -> tuple[Check, Check]:
    """Whether the body is signed under the secret, and whether that was just now."""
    signed = _read(headers.get(SIGNATURE_HEADER, ""))
    unchecked = Check("timestamp", CheckResult.SKIPPED)
    if not secret:
        why = "the configuration holds no webhook_secret to check it with"
        return Check("signature", CheckResult.FAILED, explanation=why), unchecked
    if signed is None:
        why = "the header Stripe-Signature must hold one time t and at least one v1"
        return Check("signature", CheckResult.FAILED, explanation=why), unchecked
    right = hmac.new(secret.encode(), signed.time.encode() + b"." + body, sha256).hexdigest()
    # Every one is compared, so that nothing is told by the time that it takes.
    if not any([hmac.compare_digest(right.encode(), given.encode()) for given in signed.signatures]):  # noqa: C419
        return Check("signature", CheckResult.FAILED, explanation=_COVERS), unchecked
    return Check("signature", CheckResult.PASSED), _time_check(int(signed.time), received_at)


def _time_check(signed_at: int, received_at: datetime) -> Check:
    off = signed_at - int(received_at.timestamp())
    fresh = abs(off) <= _TOLERANCE_SECONDS
    return Check(
        "timestamp",
        CheckResult.PASSED if fresh else CheckResult.FAILED,
        expected=f"within {_TOLERANCE_SECONDS} s of its receipt",
        actual=f"{off:+d} s",
        explanation=None if fresh else "it was signed too long before or after it came: a replay, or a wrong clock",
    )


def _read(header: str) -> _Signed | None:
    """What the header says; None unless it names one time and a few signatures."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    signatures = tuple(value for name, _, value in pairs if name == "v1" and value)
    if len(times) != 1 or _TIME.fullmatch(times[0]) is None or not 0 < len(signatures) <= _MOST_SIGNATURES:
        return None
    return _Signed(times[0], signatures)
