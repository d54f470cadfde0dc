"""Addresses: which are some, and which everybody can reach."""

import pytest

from server.domain.addresses import host_of, is_https, is_public


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com/notify", "example.com"),
        ("http://Pay.Example.COM:8443/a?b=c", "pay.example.com"),
        ("http://[::1]:80/", "::1"),
        ("https://xn--fiqs8s.cn/", "xn--fiqs8s.cn"),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    """In lower case, without its port."""
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "ftp://example.com/", "https://", "https:///x", "//example.com", "javascript:alert(1)"),
        *("https://user@example.com/", "https://user:pass@example.com/", "https://example.com@evil.example/"),
        *("https://exa mple.com/", "https://example.com/\n", "https://example.com\\@evil/", "https://中国.cn/"),
        *("https://[::1/", "https://example.com:99999/", "https://example.com:http/", "https://example.com:0/"),
    ],
)
def test_what_is_no_address(url: str) -> None:
    """Nor does anybody's name belong into one."""
    assert host_of(url) is None


@pytest.mark.parametrize("host", ["example.com", "pay.example.com.", "8.8.8.8", "2606:4700::1111", "a.b-c.cn"])
def test_public_hosts(host: str) -> None:
    """Nothing is resolved."""
    assert is_public(host)


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST.", "api.localhost", "printer.local", "db.internal", "nas.home.arpa", "router.lan"),
        *("intranet", "example", "", ".", "a..b", "host.invalid", "host.test"),
        *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.5.5", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.0x1", "1.2.3.4.5"),
        *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
        *("2002:7f00:1::", "2001:db8::1", "fec0::1"),
    ],
)
def test_local_hosts(host: str) -> None:
    """Loopback, private, link-local, reserved, in whatever dress, and the names that only a network of one's own knows."""
    assert not is_public(host)


def test_https_alone_is_private_on_its_way() -> None:
    """Whatever the case of its scheme."""
    assert is_https("HTTPS://example.com/")
    assert not is_https("http://example.com/")
