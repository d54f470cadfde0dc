"""Carries the SDK's requests: one session, which does nothing that we did not ask for, and tells whether a connection came about."""

from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

TIMED_OUT = (TimeoutError, requests.Timeout)
"""What is raised when the time is over."""


class Transport(requests.Session):
    """Safe for several threads at once, as nothing in it changes."""

    def __init__(self, connections: int) -> None:
        super().__init__()
        # A .netrc would replace the token, and a variable of the environment the authorities that are trusted.
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=connections, max_retries=0))

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Follows no redirect: it would take a call, and what authorises it, elsewhere."""
        return super().request(*args, **{**kwargs, "allow_redirects": False})


def never_left(error: BaseException) -> bool:
    """Whether a request of the session provably reached nobody."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectionError) and isinstance(reason, urllib3.exceptions.NewConnectionError)
