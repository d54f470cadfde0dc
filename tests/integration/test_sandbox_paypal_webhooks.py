"""The simulated PayPal's webhooks: signed as its documentation says, under a certificate of an authority that can be trusted."""

import stat
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import PolicyBuilder, Store

from tests.integration.paypal_sandbox import (
    WEBHOOK_ID,
    Inbox,
    Message,
    Sandbox,
    link_of,
    opened_inbox,
    order_of,
    running,
    sandbox,
)

__all__ = ["sandbox"]

HOST = "messageverificationcerts.paypal.com"


async def signing_key(sandbox: Sandbox, certificate_url: str, root_pem: bytes) -> RSAPublicKey:
    """The key of the certificate at the address, if the root has issued it for PayPal's name."""
    async with sandbox.http.get(certificate_url) as answer:
        certificate = x509.load_pem_x509_certificate(await answer.read())
    store = Store(x509.load_pem_x509_certificates(root_pem))
    verifier = PolicyBuilder().store(store).time(datetime.now(UTC)).build_server_verifier(x509.DNSName(HOST))
    verifier.verify(certificate, [])
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    return key


def check_signature(key: RSAPublicKey, message: Message, webhook_id: str, body: bytes | None = None) -> None:
    """Raises `InvalidSignature`. Source: PayPal's "integrate webhooks", "verify the message yourself"."""
    headers = message.headers
    checked = message.body if body is None else body
    parts = (headers["PAYPAL-TRANSMISSION-ID"], headers["PAYPAL-TRANSMISSION-TIME"], webhook_id, str(crc32(checked)))
    signature = b64decode(headers["PAYPAL-TRANSMISSION-SIG"])
    key.verify(signature, "|".join(parts).encode(), PKCS1v15(), SHA256())


async def test_events_are_signed_by_a_certificate_of_the_trusted_root(sandbox: Sandbox, tmp_path: Path) -> None:
    """The chain is a real one, and the signature covers the body and the webhook's id."""
    await sandbox.captured()
    message = await sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED")
    assert message.headers["PAYPAL-AUTH-ALGO"] == "SHA256withRSA"
    root = tmp_path / "paypal-ca.pem"
    assert stat.S_IMODE(root.stat().st_mode) == 0o600
    key = await signing_key(sandbox, message.headers["PAYPAL-CERT-URL"], root.read_bytes())
    check_signature(key, message, WEBHOOK_ID)
    with pytest.raises(InvalidSignature):
        check_signature(key, message, WEBHOOK_ID, message.body.replace(b"10.00", b"10.01"))
    with pytest.raises(InvalidSignature):
        check_signature(key, message, "8PT597110X687430LKGECATA")
    async with sandbox.http.get(f"{sandbox.paypal}/v1/notifications/certs/root.pem") as answer:
        assert await answer.read() == root.read_bytes()


async def test_the_root_outlives_the_sandbox(tmp_path: Path) -> None:
    """Whoever trusts it need not be told again after a restart."""
    roots, certificates = set(), set()
    for _ in range(2):
        async with running(tmp_path) as started:
            await started.approved()
            message = await started.inbox.wait_for("CHECKOUT.ORDER.APPROVED")
            roots.add((tmp_path / "paypal-ca.pem").read_bytes())
            certificates.add(message.headers["PAYPAL-CERT-URL"].rpartition("/")[2])
    assert (len(roots), len(certificates)) == (1, 1)


def transmission(message: Message, webhook_id: str = WEBHOOK_ID, **changed: Any) -> dict[str, Any]:
    return {
        "auth_algo": message.headers["PAYPAL-AUTH-ALGO"],
        "cert_url": message.headers["PAYPAL-CERT-URL"],
        "transmission_id": message.headers["PAYPAL-TRANSMISSION-ID"],
        "transmission_sig": message.headers["PAYPAL-TRANSMISSION-SIG"],
        "transmission_time": message.headers["PAYPAL-TRANSMISSION-TIME"],
        "webhook_id": webhook_id,
        "webhook_event": message.event,
        **changed,
    }


async def test_paypal_verifies_its_own_signature(sandbox: Sandbox) -> None:
    """verify-webhook-signature: SUCCESS for what was sent, FAILURE for everything else."""
    await sandbox.captured()
    message = await sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED")
    path = "/v1/notifications/verify-webhook-signature"

    async def status(body: dict[str, Any]) -> str:
        answer = await sandbox.call("POST", path, body)
        assert answer.status == 200
        verdict: str = answer.body["verification_status"]
        return verdict

    assert await status(transmission(message)) == "SUCCESS"
    forged = orjson.loads(message.body.replace(b"10.00", b"99.00"))
    for broken in (
        transmission(message, webhook_event=forged),
        transmission(message, webhook_id="ANOTHER"),
        transmission(message, cert_url="https://api.paypal.com/v1/notifications/certs/CERT-1-2-3"),
        transmission(message, transmission_sig="bm8="),
        transmission(message, auth_algo="SHA1withRSA"),
    ):
        assert await status(broken) == "FAILURE"
    missing = transmission(message)
    del missing["transmission_id"]
    assert (await sandbox.call("POST", path, missing)).issue == "MISSING_REQUIRED_PARAMETER"


async def test_every_step_has_its_event(sandbox: Sandbox) -> None:
    """Approval, capture, refund, authorization and void are told in PayPal's words."""
    capture = await sandbox.captured()
    await sandbox.call("POST", f"/v2/payments/captures/{capture['id']}/refund")
    held = await sandbox.authorized()
    await sandbox.call("POST", f"/v2/payments/authorizations/{held['id']}/void")
    expected = {
        "CHECKOUT.ORDER.APPROVED": "checkout-order",
        "CHECKOUT.ORDER.COMPLETED": "checkout-order",
        "PAYMENT.CAPTURE.COMPLETED": "capture",
        "PAYMENT.CAPTURE.REFUNDED": "refund",
        "PAYMENT.AUTHORIZATION.CREATED": "authorization",
        "PAYMENT.AUTHORIZATION.VOIDED": "authorization",
    }
    await sandbox.inbox.wait_until(lambda inbox: set(inbox.types()) == set(expected))
    for message in sandbox.inbox.webhooks:
        assert message.event["resource_type"] == expected[message.event["event_type"]]
    refunded = await sandbox.inbox.wait_for("PAYMENT.CAPTURE.REFUNDED")
    assert link_of(refunded.event["resource"], "up").endswith(capture["id"])
    completed = await sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED")
    assert completed.event["resource"]["supplementary_data"]["related_ids"]["order_id"]
    assert completed.event["summary"] == "Payment completed for $ 10.00 USD"


async def test_bank_transfers_are_pending_and_then_completed_or_denied(sandbox: Sandbox) -> None:
    """A buyer who pays by bank transfer: PENDING, then COMPLETED; or DENIED when it is returned. So is the refund of one."""
    good = await sandbox.captured(outcome="echeck")
    assert good["status"] == "PENDING"
    await sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED")
    refund = await sandbox.call("POST", f"/v2/payments/captures/{good['id']}/refund")
    assert refund.body["status"] == "PENDING"
    await sandbox.inbox.wait_for("PAYMENT.CAPTURE.REFUNDED")
    assert (await sandbox.call("GET", f"/v2/payments/refunds/{refund.body['id']}")).body["status"] == "COMPLETED"
    bad = await sandbox.captured(outcome="returned_echeck")
    denied = await sandbox.inbox.wait_for("PAYMENT.CAPTURE.DENIED")
    assert (denied.event["resource"]["id"], denied.event["resource"]["status"]) == (bad["id"], "DECLINED")
    assert (await sandbox.call("POST", f"/v2/payments/captures/{bad['id']}/refund")).issue == "REFUND_NOT_ALLOWED"


async def test_a_refused_webhook_is_sent_again_as_the_same_transmission(sandbox: Sandbox) -> None:
    """Whatever is not 2xx is retried, under the same ids."""
    sandbox.inbox.status = 500
    await sandbox.approved()
    await sandbox.inbox.wait_until(lambda inbox: len(inbox.webhooks) >= 3)
    sandbox.inbox.status = 200
    assert len({message.event["id"] for message in sandbox.inbox.webhooks}) == 1
    assert len({message.headers["PAYPAL-TRANSMISSION-ID"] for message in sandbox.inbox.webhooks}) == 1


async def test_webhooks_are_created_listed_and_deleted(sandbox: Sandbox) -> None:
    """A webhook gets the events that it asked for, signed for its own id, until it is deleted."""
    path = "/v1/notifications/webhooks"
    async with opened_inbox() as (other, url):
        body = {"url": f"{url}/webhooks", "event_types": [{"name": "PAYMENT.CAPTURE.COMPLETED"}]}
        made = await sandbox.call("POST", path, body)
        assert made.status == 201
        assert (await sandbox.call("POST", path, body)).body["name"] == "WEBHOOK_URL_ALREADY_EXISTS"
        listed = (await sandbox.call("GET", path)).body["webhooks"]
        assert [webhook["id"] for webhook in listed] == [WEBHOOK_ID, made.body["id"]]
        await sandbox.captured()
        message = await other.wait_for("PAYMENT.CAPTURE.COMPLETED")
        assert other.types() == ["PAYMENT.CAPTURE.COMPLETED"]
        key = await signing_key(sandbox, message.headers["PAYPAL-CERT-URL"], await root_of(sandbox))
        check_signature(key, message, made.body["id"])
        assert (await sandbox.call("DELETE", f"{path}/{made.body['id']}")).status == 204
        assert (await sandbox.call("GET", f"{path}/{made.body['id']}")).status == 404
        assert (await sandbox.call("POST", path, {**body, "event_types": [{"name": "NO.SUCH"}]})).status == 400


async def root_of(sandbox: Sandbox) -> bytes:
    async with sandbox.http.get(f"{sandbox.paypal}/v1/notifications/certs/root.pem") as answer:
        return await answer.read()


async def test_a_merchant_without_addresses_is_told_where_the_first_one_is(sandbox: Sandbox) -> None:
    """Signed for its own webhook id, with its own receiver in IPNs, until it has created a webhook of its own."""
    added = await sandbox.control(
        "POST", "merchants", {"gateway": "paypal", "client_id": "second", "secret": "s2", "webhook_id": "2WH"}
    )
    second = Sandbox(sandbox.url, sandbox.http, sandbox.inbox, "second", "s2")
    await second.captured(order_of(invoice_id="INV-OF-SECOND"))
    message = await sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED")
    key = await signing_key(sandbox, message.headers["PAYPAL-CERT-URL"], await root_of(sandbox))
    check_signature(key, message, "2WH")
    assert message.event["resource"]["payee"]["merchant_id"] == added["id"]
    ipn = await sandbox.inbox.wait_for_ipn("Completed")
    made = await second.call(
        "POST", "/v1/notifications/webhooks", {"url": "http://shop.example/hooks", "event_types": [{"name": "*"}]}
    )
    listed = await second.call("GET", "/v1/notifications/webhooks")
    assert [webhook["id"] for webhook in listed.body["webhooks"]] == [made.body["id"]]
    assert (ipn.form["receiver_id"], ipn.form["invoice"]) == (added["id"], "INV-OF-SECOND")


async def test_a_merchant_with_addresses_of_its_own_is_told_there(sandbox: Sandbox) -> None:
    """And nowhere else."""
    async with opened_inbox() as (other, url):
        merchant = {"gateway": "paypal", "client_id": "third", "secret": "s3", "webhook_url": f"{url}/webhooks"}
        await sandbox.control("POST", "merchants", merchant)
        await Sandbox(sandbox.url, sandbox.http, other, "third", "s3").approved()
        await other.wait_for("CHECKOUT.ORDER.APPROVED")
        assert sandbox.inbox.webhooks == []


async def test_held_events_wait_for_their_release(sandbox: Sandbox) -> None:
    """Webhooks and IPNs are held and released like every gateway's notifications."""
    await sandbox.control("POST", "callbacks", {"mode": "hold"})
    await sandbox.captured()
    # Approved, captured and completed as webhooks, and the capture as an IPN.
    assert (await sandbox.control("GET", "callbacks"))["waiting"] == 4
    assert await sandbox.control("POST", "callbacks/release") == {"released": 4}

    def arrived(inbox: Inbox) -> bool:
        return (len(inbox.webhooks), len(inbox.ipns)) == (3, 1)

    await sandbox.inbox.wait_until(arrived)
