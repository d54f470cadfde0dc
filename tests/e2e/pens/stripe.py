"""Stripe's pen."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.pens.message import JSON, Message


@dataclass(frozen=True, slots=True)
class StripePen:
    """Source: docs.stripe.com/webhooks#verify-manually."""

    secret: str

    def message(self, event: Mapping[str, Any], *, off_seconds: int = 0) -> Message:
        body = json.dumps(event).encode()
        signed_at = int(time.time()) + off_seconds
        mac = hmac.new(self.secret.encode(), f"{signed_at}.".encode() + body, hashlib.sha256).hexdigest()
        return Message(JSON, body, {"Stripe-Signature": f"t={signed_at},v1={mac}"})
