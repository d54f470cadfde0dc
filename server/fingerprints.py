"""Our names for cards: the same for the same card, and of no use to anybody else."""

import hmac
from hashlib import sha256


class Fingerprints:
    """Turns a gateway's fingerprint of a card into ours: the same for the same card, and nothing that another service could compare."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, theirs: str) -> str:
        """`fp_` and 32 hexadecimal digits of a keyed hash."""
        return "fp_" + hmac.digest(self._key, theirs.encode(), sha256).hex()[:32]
