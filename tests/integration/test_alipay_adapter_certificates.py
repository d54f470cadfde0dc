"""The Alipay adapter in certificate mode, with the real SDK against the simulated Alipay."""

from pathlib import Path

from sandbox.settings import AlipayMerchant
from server.domain.outcomes import Refunded, Unknown
from tests.integration.alipay_gateway import CONFIG, PRICE, a_refund, charged, opened_shop
from tests.integration.alipay_sandbox import APP_ID
from tests.unit.gateways.alipay.merchant import a_certificate, a_config, a_key, certificates, private_pem

NAMED = certificates()
MERCHANT = AlipayMerchant(
    APP_ID,
    None,
    private_pem(a_key("alipay")),
    NAMED["app_cert"],
    NAMED["alipay_cert"],
    NAMED["alipay_root_cert"],
)
CERTIFIED = {**a_config(app_id=APP_ID, public_key=a_certificate("alipay")), **NAMED}


async def test_a_payment_and_its_refund_in_certificate_mode(tmp_path: Path) -> None:
    """Every call names the serial numbers of the certificates, and Alipay finds them right; the chain's second root among them."""
    async with opened_shop(tmp_path, CERTIFIED, MERCHANT) as shop:
        gateway = shop.open()
        charge = await shop.paid(gateway, details={"channel": "wap"})
        assert charged(await gateway.fetch(charge)) == (PRICE.amount_minor, True)
        refund = a_refund(charge)
        assert await gateway.refund(refund, charge) == Refunded(refund.reference)


async def test_a_chain_is_read_whole_however_it_was_pasted(tmp_path: Path) -> None:
    """The SDK divides it at blank lines alone, and would leave all but the first certificate out; forms turn line breaks into CRLF."""
    pasted = {name: text.replace("\n", "\r\n") for name, text in NAMED.items()}
    async with opened_shop(tmp_path, {**CERTIFIED, **pasted}, MERCHANT) as shop:
        gateway = shop.open()
        charged_attempt = await shop.paid(gateway)
        assert charged(await gateway.fetch(charged_attempt)) == (PRICE.amount_minor, True)


async def test_without_certificates_such_a_merchant_is_not_served(tmp_path: Path) -> None:
    """Alipay wants to hear of them in each call."""
    keys = {name: CERTIFIED[name] for name in CONFIG}
    async with opened_shop(tmp_path, keys, MERCHANT) as shop:
        gateway = shop.open()
        assert isinstance(await gateway.fetch(shop.attempt(gateway)), Unknown)
