"""The money of a dispute at the simulated PayPal: every movement is shown, none gives back what was not taken, and the buyer gets what is held at the decision."""

from typing import Any

from tests.integration.paypal_sandbox import Sandbox, order_of, sandbox

__all__ = ["sandbox"]

DISPUTES = "/v1/customer/disputes"


async def disputed(sandbox: Sandbox, reference: str) -> str:
    """The number of a dispute of 59.49 USD."""
    await sandbox.captured(order_of("59.49", invoice_id=reference))
    (paid,) = await sandbox.payments(reference)
    opened = await sandbox.control(
        "POST", "disputes", {"gateway": "paypal", "gateway_payment_id": paid["gateway_payment_id"]}
    )
    return str(opened["id"])


async def move(sandbox: Sandbox, number: str, **movement: str) -> int:
    """How the control call was answered."""
    answer: tuple[int, Any] = await sandbox.control_raw("POST", f"disputes/{number}/movements", movement)
    return answer[0]


async def test_disputed_money_moves_in_parts(sandbox: Sandbox) -> None:
    """In the order in which it moved, fees by their reason; the rest goes to the buyer by the decision, and can move still."""
    number = await disputed(sandbox, "PARTS")
    assert await move(sandbox, number, type="credit", amount="20.00") == 200
    assert await move(sandbox, number, type="debit", amount="15.00", reason="CHARGEBACK_FEE") == 200
    await sandbox.control("POST", f"disputes/{number}/close", {"outcome": "lost"})
    assert await move(sandbox, number, type="credit", amount="39.49") == 200
    shown = (await sandbox.call("GET", f"{DISPUTES}/{number}")).body
    assert [(each["type"], each["amount"]["value"], each["reason"]) for each in shown["money_movements"]] == [
        ("DEBIT", "59.49", "DISPUTE_SETTLEMENT"),
        ("CREDIT", "20.00", "DISPUTE_SETTLEMENT"),
        ("DEBIT", "15.00", "CHARGEBACK_FEE"),
        ("CREDIT", "39.49", "DISPUTE_SETTLEMENT"),
    ]
    assert {each["affected_party"] for each in shown["money_movements"]} == {"SELLER"}
    assert shown["dispute_outcome"]["amount_refunded"] == {"currency_code": "USD", "value": "39.49"}


async def test_a_dispute_that_is_won_gives_back_what_is_held(sandbox: Sandbox) -> None:
    """And nothing more than that."""
    number = await disputed(sandbox, "HELD")
    assert await move(sandbox, number, type="credit", amount="20.00") == 200
    await sandbox.control("POST", f"disputes/{number}/close", {"outcome": "won"})
    shown = (await sandbox.call("GET", f"{DISPUTES}/{number}")).body
    assert [each["amount"]["value"] for each in shown["money_movements"]] == ["59.49", "20.00", "39.49"]
    assert shown["dispute_outcome"]["amount_refunded"]["value"] == "0.00"


async def test_what_paypal_would_not_move_is_refused(sandbox: Sandbox) -> None:
    """More than is held, nothing at all, in no way of PayPal's and for no reason of PayPal's."""
    number = await disputed(sandbox, "REFUSED")
    for wrong in (
        {"type": "credit", "amount": "59.50"},
        {"type": "credit", "amount": "0.01", "reason": "DISPUTE_FEE"},
        {"type": "debit", "amount": "0.00"},
        {"type": "transfer", "amount": "1.00"},
        {"type": "debit", "amount": "1.00", "reason": "TAX"},
        {"type": "debit"},
    ):
        assert await move(sandbox, number, **wrong) == 400
    assert len((await sandbox.call("GET", f"{DISPUTES}/{number}")).body["money_movements"]) == 1
