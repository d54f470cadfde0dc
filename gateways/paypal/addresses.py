"""Where PayPal is: its API, its IPN post-back, and the addresses that a certificate of its may be read from."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit

_LIVE = "https://api-m.paypal.com"
_LIVE_POST_BACK = "https://ipnpb.paypal.com/cgi-bin/webscr"
_SANDBOX_POST_BACK = "https://ipnpb.sandbox.paypal.com/cgi-bin/webscr"

_PAYPAL_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}paypal\.com")
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Addresses:
    """`certificates_below` is the only place for certificates of something that stands in for PayPal; of PayPal's own they are on its hosts."""

    api: str
    post_back: str
    certificates_below: str | None

    @classmethod
    def of(cls, base_url: str | None) -> Self:
        """PayPal itself when None; PayPal's own sandbox is one more of its hosts, and everything else stands in for PayPal."""
        api = (base_url or _LIVE).rstrip("/")
        parts = urlsplit(api)
        if not _is_paypals(parts):
            return cls(api, f"{api}/cgi-bin/webscr", api)
        is_sandbox = (parts.hostname or "").endswith(".sandbox.paypal.com")
        return cls(api, _SANDBOX_POST_BACK if is_sandbox else _LIVE_POST_BACK, None)

    def may_hold_certificate(self, url: str) -> bool:
        """Whether a certificate may be read from there: an exact host, a plain path, nothing that could lead elsewhere."""
        if len(url) > _LONGEST or not url.isascii():
            return False
        try:
            parts = urlsplit(url)
            plain = parts.geturl() == url and not parts.query and not parts.fragment and "@" not in parts.netloc
            if not plain or _PLAIN_PATH.fullmatch(parts.path) is None:
                return False
            if self.certificates_below is None:
                return _is_paypals(parts)
        except ValueError:
            return False
        return url.startswith(f"{self.certificates_below}/")


def _is_paypals(parts: SplitResult) -> bool:
    """Over https, at the usual port, on a host of PayPal's domain."""
    return parts.scheme == "https" and _PAYPAL_HOST.fullmatch(parts.netloc) is not None
