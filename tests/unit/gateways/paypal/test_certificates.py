"""Whose certificates are believed to be PayPal's."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateways.paypal.certificates import Certificates, Distrusted
from gateways.paypal.web import NotServed, Unreachable
from tests.clock_and_ids import StoppedClock
from tests.unit.gateways.paypal.authority import NAME, NOW, SIGNING_KEY, YEAR, Authority, Published

TRUSTED, OTHER = Authority(), Authority()
Trusting = Callable[[Published], Certificates]


@pytest.fixture
def trusting(tmp_path: Path) -> Trusting:
    """Certificates that trust one root."""
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(TRUSTED.pem)
    return lambda web: Certificates(web, StoppedClock(), ca_file)


@pytest.mark.parametrize("name", [NAME, "messageverificationcerts.sandbox.paypal.com"])
async def test_a_certificate_of_paypals_name_under_a_trusted_root_is_believed(trusting: Trusting, name: str) -> None:
    """Its key is what signatures are checked by, and it is read once."""
    web = Published({"u": TRUSTED.issue(name)})
    certificates = trusting(web)
    for _ in range(2):
        key = await certificates.key("u", NOW)
        assert key.public_numbers() == SIGNING_KEY.public_key().public_numbers()
    assert web.asked == ["u"]


@pytest.mark.parametrize(
    "pem",
    [
        OTHER.issue(),
        TRUSTED.issue("www.paypal.com"),
        TRUSTED.issue("messageverificationcerts.paypal.com.evil.example"),
        TRUSTED.issue("messageverificationcertsXpaypal.com"),
        TRUSTED.issue(until=NOW - timedelta(days=1)),
        TRUSTED.issue(key=ec.generate_private_key(ec.SECP256R1())),
        TRUSTED.pem,
        b"no certificate",
        b"",
    ],
    ids=["root", "name", "suffix", "dot", "expired", "not RSA", "the root itself", "garbage", "nothing"],
)
async def test_any_other_certificate_is_not(trusting: Trusting, pem: bytes) -> None:
    """Another authority, another name, another time, another kind of key."""
    with pytest.raises(Distrusted):
        await trusting(Published({"u": pem})).key("u", NOW)


async def test_the_public_authorities_are_trusted_where_none_is_named() -> None:
    """And not somebody's own."""
    with pytest.raises(Distrusted):
        await Certificates(Published({"u": TRUSTED.issue()}), StoppedClock(), None).key("u", NOW)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
async def test_without_authorities_nothing_is_decided(tmp_path: Path, content: bytes | None) -> None:
    """They may be there a moment later, and are used then."""
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)
    certificates = Certificates(Published({"u": TRUSTED.issue()}), StoppedClock(), ca_file)
    with pytest.raises(Unreachable):
        await certificates.key("u", NOW)
    ca_file.write_bytes(TRUSTED.pem)
    await certificates.key("u", NOW)


async def test_a_certificate_is_believed_at_its_time_alone(trusting: Trusting) -> None:
    """One that was read before is looked at again for each message."""
    certificates = trusting(Published({"u": TRUSTED.issue()}))
    await certificates.key("u", NOW)
    with pytest.raises(Distrusted):
        await certificates.key("u", NOW + 2 * YEAR)


async def test_what_is_not_believed_is_not_kept(trusting: Trusting) -> None:
    """A page that served something else for a moment is asked again."""
    web = Published({"u": b"soon"})
    certificates = trusting(web)
    with pytest.raises(Distrusted):
        await certificates.key("u", NOW)
    web.pages["u"] = TRUSTED.issue()
    await certificates.key("u", NOW)


async def test_made_up_addresses_are_read_ten_times_a_minute(trusting: Trusting) -> None:
    """Then the answer is later, and what is known already is still believed."""
    made_up: dict[str, bytes | Exception] = {f"u{number}": NotServed("answered 404") for number in range(20)}
    web = Published({"u": TRUSTED.issue(), **made_up})
    certificates = trusting(web)
    await certificates.key("u", NOW)
    refused: list[type[BaseException]] = []
    for url in made_up:
        with pytest.raises((Distrusted, Unreachable)) as raised:
            await certificates.key(url, NOW)
        refused.append(raised.type)
    assert refused == [Distrusted] * 9 + [Unreachable] * 11
    assert len(web.asked) == 10
    await certificates.key("u", NOW)
