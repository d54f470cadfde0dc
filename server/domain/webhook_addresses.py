"""Which addresses webhooks may be sent to, as far as an address itself tells; what its name resolves to is checked on every try."""

from collections.abc import Collection

from server.domain.addresses import host_of, is_https, is_public


class WebhookAddresses:
    """`allowed_hosts` are the operator's own exceptions: they may be called without TLS, and wherever they are."""

    def __init__(self, allowed_hosts: Collection[str] = ()) -> None:
        self._allowed = frozenset(host.lower() for host in allowed_hosts)

    def allows(self, host: str) -> bool:
        """Whether the operator has named this host."""
        return host.lower() in self._allowed

    def problem(self, url: str) -> str | None:
        """What is wrong with an endpoint's address, in words that name nothing of it; None when nothing is."""
        host = host_of(url)
        if host is None:
            return "must be an https address without a user's name in it"
        if self.allows(host):
            return None
        if not is_https(url):
            return "must be an https address"
        if not is_public(host):
            return "must be an address that the whole Internet can reach"
        return None
