"""Whose address the server is told."""

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from http_bridge.requests.metadata import MetadataReader
from server.processes.roles import bridge_settings
from server.settings import SettingsError, read_settings


@pytest.mark.parametrize(
    ("trusted_proxies", "lines", "address"),
    [
        (0, ["6.6.6.6"], "10.0.0.1"),
        (1, ["6.6.6.6, 203.0.113.5"], "203.0.113.5"),
        (2, ["6.6.6.6, 203.0.113.5", "10.1.1.1"], "203.0.113.5"),
        (2, ["203.0.113.5"], "10.0.0.1"),
        (1, ["2001:db8::1"], "2001:db8::1"),
        (1, ["203.0.113.7:1234"], "203.0.113.7"),
        (1, ["[2001:db8::1]:443"], "2001:db8::1"),
        (1, ["[2001:db8::1]"], "2001:db8::1"),
        (1, ["::ffff:203.0.113.7"], "::ffff:203.0.113.7"),
        (1, ["unknown"], "10.0.0.1"),
        (1, ["203.0.113.7:http"], "10.0.0.1"),
        (1, ["203.0.113.7:"], "10.0.0.1"),
        (1, ["203.0.113.777"], "10.0.0.1"),
        (1, ["2001:db8::1::443"], "10.0.0.1"),
        (1, ["[203.0.113.7"], "10.0.0.1"),
        (1, ["fe80::1%eth0"], "10.0.0.1"),
        (1, [], "10.0.0.1"),
    ],
)
def test_only_trusted_proxies_are_believed(trusted_proxies: int, lines: list[str], address: str) -> None:
    """What a caller writes into the header itself stands further left."""
    headers = CIMultiDict([("X-Forwarded-For", line) for line in lines])
    request = make_mocked_request("POST", "/", headers=headers).clone(remote="10.0.0.1")
    metadata = MetadataReader(trusted_proxies).read(request, "r", has_side_effects=True)
    assert dict(metadata)["x-forwarded-for"] == address


def test_an_operator_says_how_many_proxies_there_are() -> None:
    """None unless it is said: an address in the header would be anybody's word."""
    environment = {"SYCEE_HASH_KEY": "bm90aGluZyB0aGF0IGlzIHVzZWQgYW55d2hlcmUgYXQgYWxs"}
    assert bridge_settings(read_settings(environment)).trusted_proxies == 0
    assert bridge_settings(read_settings(environment | {"SYCEE_TRUSTED_PROXIES": "2"})).trusted_proxies == 2
    for wrong in ("-1", "11", "one"):
        with pytest.raises(SettingsError, match="SYCEE_TRUSTED_PROXIES must be a number from 0 to 10"):
            read_settings(environment | {"SYCEE_TRUSTED_PROXIES": wrong})
