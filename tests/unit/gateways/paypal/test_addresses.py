"""Where PayPal is, and whose word on a certificate is listened to."""

import pytest

from gateways.paypal.addresses import Addresses

OWN = "http://127.0.0.1:8090/paypal"
LIVE = "https://api-m.paypal.com"
SANDBOX = "https://api-m.sandbox.paypal.com"


@pytest.mark.parametrize(
    ("base_url", "api", "post_back"),
    [
        (None, LIVE, "https://ipnpb.paypal.com/cgi-bin/webscr"),
        (SANDBOX, SANDBOX, "https://ipnpb.sandbox.paypal.com/cgi-bin/webscr"),
        (f"{OWN}/", OWN, f"{OWN}/cgi-bin/webscr"),
    ],
)
def test_everything_is_where_the_api_is(base_url: str | None, api: str, post_back: str) -> None:
    """PayPal, PayPal's own sandbox, or what stands in for PayPal."""
    addresses = Addresses.of(base_url)
    assert (addresses.api, addresses.post_back) == (api, post_back)


@pytest.mark.parametrize("base_url", [None, SANDBOX])
@pytest.mark.parametrize("host", ["api.paypal.com", "api.sandbox.paypal.com"])
def test_paypals_hosts_hold_certificates(base_url: str | None, host: str) -> None:
    """Live and sandbox; by which name one is believed is the certificate's own matter."""
    url = f"https://{host}/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77"
    assert Addresses.of(base_url).may_hold_certificate(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.paypal.com/certs/CERT-1",
        "https://paypal.com.evil.example/certs/CERT-1",
        "https://evilpaypal.com/certs/CERT-1",
        "https://paypal.com/certs/CERT-1",
        "https://api.paypal.com@evil.example/certs/CERT-1",
        "https://evil.example@api.paypal.com/certs/CERT-1",
        "https://api.paypal.com:8443/certs/CERT-1",
        "https://api.paypal.com\\@evil.example/certs/CERT-1",
        "https://API.paypal.com/certs/CERT-1",
        "https://api.paypal.com./certs/CERT-1",
        "https://.paypal.com/certs/CERT-1",
        "https://-.paypal.com/certs/CERT-1",
        "https://api.paypal.com/certs/../../redirect",
        "https://api.paypal.com/certs/%2e%2e/redirect",
        "https://api.paypal.com/certs/CERT-1?to=https://evil.example",
        "https://api.paypal.com/certs/CERT-1#x",
        "https://api.paypal.com//evil.example/CERT-1",
        "https://api.paypal.com",
        "https://api.раураl.com/certs/CERT-1",
        "https://[::1]/certs/CERT-1",
        "https://[api.paypal.com/certs/CERT-1",
        "//api.paypal.com/certs/CERT-1",
        "https://api.paypal.com/" + "c" * 500,
        "https://api.paypal.com/certs/CERT-1\n",
        "",
    ],
    ids=lambda url: url[:60],
)
def test_nothing_else_holds_certificates(url: str) -> None:
    """Whatever looks like one of PayPal's hosts, or could lead away from it."""
    assert not Addresses.of(None).may_hold_certificate(url)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (f"{OWN}/v1/notifications/certs/CERT-1", True),
        ("https://api.paypal.com/v1/notifications/certs/CERT-1", False),
        ("http://127.0.0.1:8090/paypalx/CERT-1", False),
        ("http://127.0.0.1:8090/paypal/../stripe/CERT-1", False),
        ("http://127.0.0.1:80901/paypal/CERT-1", False),
        ("http://127.0.0.1:8090/paypal", False),
    ],
)
def test_what_stands_in_for_paypal_holds_its_own_certificates(url: str, allowed: bool) -> None:
    """Below its own address, and nowhere else."""
    assert Addresses.of(OWN).may_hold_certificate(url) is allowed
