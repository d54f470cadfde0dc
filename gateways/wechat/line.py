"""The way to WeChat Pay, the same for both APIs."""

import ssl
from dataclasses import dataclass
from pathlib import Path

# Source: pay.weixin.qq.com, both APIs.
REAL_URL = "https://api.mch.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class Line:
    """Where WeChat Pay is, how long a call may take, and by which authorities its certificate is trusted (the public ones when None)."""

    base_url: str
    timeout_seconds: float
    ca_file: Path | None

    @property
    def connect_seconds(self) -> float:
        """Connecting has less time than the whole, so that a call which never left is told from one whose answer is lost."""
        return self.timeout_seconds / 2

    @property
    def plain(self) -> bool:
        """Whether there is no TLS on it: it leads to a simulation."""
        return self.base_url.startswith("http://")

    def tls(self) -> ssl.SSLContext:
        """Made once per client: it reads the authorities' file."""
        return ssl.create_default_context(cafile=self.ca_file)
