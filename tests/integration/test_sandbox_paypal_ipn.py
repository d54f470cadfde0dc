"""The simulated PayPal's Instant Payment Notifications, and their post-back."""

import re

from tests.integration.paypal_sandbox import Sandbox, order_of, sandbox

__all__ = ["sandbox"]


async def verdict(sandbox: Sandbox, content: bytes) -> str:
    async with sandbox.http.post(f"{sandbox.paypal}/cgi-bin/webscr", data=content) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_a_payment_and_its_refund_are_told(sandbox: Sandbox) -> None:
    """Ids, invoice, amounts and the fee; a refund is negative and names its payment."""
    capture = await sandbox.captured(order_of(invoice_id="INV-7", custom_id="tenant-1"))
    paid = (await sandbox.inbox.wait_for_ipn("Completed")).form
    assert (paid["txn_id"], paid["invoice"], paid["custom"]) == (capture["id"], "INV-7", "tenant-1")
    assert (paid["mc_gross"], paid["mc_currency"], paid["mc_fee"]) == ("10.00", "USD", "0.84")
    assert re.fullmatch(r"\d\d:\d\d:\d\d [A-Z][a-z]{2} \d\d, \d{4} P[SD]T", paid["payment_date"])
    refund = await sandbox.call(
        "POST", f"/v2/payments/captures/{capture['id']}/refund", {"amount": {"currency_code": "USD", "value": "4.00"}}
    )
    refunded = (await sandbox.inbox.wait_for_ipn("Refunded")).form
    assert (refunded["txn_id"], refunded["parent_txn_id"]) == (refund.body["id"], capture["id"])
    assert (refunded["mc_gross"], refunded["reason_code"], refunded["invoice"]) == ("-4.00", "refund", "INV-7")


async def test_an_authorization_is_told_pending_and_its_capture_names_it(sandbox: Sandbox) -> None:
    """Money that is held is a pending payment; the void of it is told too."""
    held = await sandbox.authorized()
    pending = (await sandbox.inbox.wait_for_ipn("Pending")).form
    assert (pending["txn_id"], pending["pending_reason"], pending["auth_amount"]) == (
        held["id"],
        "authorization",
        "10.00",
    )
    await sandbox.call("POST", f"/v2/payments/authorizations/{held['id']}/capture", {"final_capture": True})
    assert (await sandbox.inbox.wait_for_ipn("Completed")).form["parent_txn_id"] == held["id"]
    other = await sandbox.authorized()
    await sandbox.call("POST", f"/v2/payments/authorizations/{other['id']}/void")
    assert (await sandbox.inbox.wait_for_ipn("Voided")).form["txn_id"] == other["id"]


async def test_only_what_was_sent_is_verified(sandbox: Sandbox) -> None:
    """The post-back is compared byte for byte."""
    await sandbox.captured()
    body = (await sandbox.inbox.wait_for_ipn("Completed")).body
    assert await verdict(sandbox, b"cmd=_notify-validate&" + body) == "VERIFIED"
    for forged in (
        b"cmd=_notify-validate&" + body.replace(b"10.00", b"1.00"),
        b"cmd=_notify-validate&" + b"&".join(reversed(body.split(b"&"))),
        body,
        b"cmd=_notify-validate&",
    ):
        assert await verdict(sandbox, forged) == "INVALID"


async def test_the_charset_is_named_and_fits(sandbox: Sandbox) -> None:
    """windows-1252 as PayPal's accounts have it at first; what does not fit there is UTF-8."""
    await sandbox.captured(order_of(custom_id="Zürich €"))
    first = await sandbox.inbox.wait_for_ipn("Completed")
    assert (first.form["charset"], first.form["custom"]) == ("windows-1252", "Zürich €")
    assert b"Z%FCrich+%80" in first.body
    await sandbox.captured(order_of(custom_id="苏州"))
    await sandbox.inbox.wait_until(lambda inbox: len(inbox.ipns) == 2)
    assert (sandbox.inbox.ipns[1].form["charset"], sandbox.inbox.ipns[1].form["custom"]) == ("UTF-8", "苏州")
    assert await verdict(sandbox, b"cmd=_notify-validate&" + sandbox.inbox.ipns[1].body) == "VERIFIED"
