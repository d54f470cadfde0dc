"""Resolving by hand over REST: a payment whose outcome Stripe never tells, and an operator who knows it."""

import sqlite3
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from server.commands.rest_client import Answer, RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from tests.e2e.installation import Installation
from tests.e2e.wishes import PAYMENTS, paid, read, refusal, wish

A_DAY_IN_MICROSECONDS = 24 * 3600 * 1_000_000
EVIDENCE = "Stripe support, ticket 4711: no charge under this reference"


@pytest_asyncio.fixture(loop_scope="session")
async def undecided(rest: RestClient, sandbox: SandboxClient) -> dict[str, Any]:
    """A payment that Stripe keeps a 500 for and lists nothing of."""
    await sandbox.fault("pay", "http_500")
    answer = await rest.post(PAYMENTS, wish())
    await sandbox.no_faults()
    assert (answer.status, answer.json["status"]) == (201, "processing")
    payment: dict[str, Any] = answer.json
    return payment


@pytest.fixture
def a_day_old(undecided: dict[str, Any], installation: Installation) -> dict[str, Any]:
    """The same payment, a day later: its attempt is made older, as the service's clock is nobody's to move."""
    with closing(sqlite3.connect(installation.database, timeout=10)) as database, database:
        changed = database.execute(
            "UPDATE attempts SET created_at = created_at - ? WHERE payment_id = ?",
            (A_DAY_IN_MICROSECONDS, UUID(undecided["id"]).bytes),
        )
        assert changed.rowcount == 1
    return undecided


async def resolve(rest: RestClient, payment: dict[str, Any], key: str | None = None, **changes: str | None) -> Answer:
    """The verdict `failed` on evidence, unless the test says otherwise; `None` leaves a field out."""
    body = {"resolution": "failed", "evidence": EVIDENCE} | changes
    given = {name: value for name, value in body.items() if value is not None}
    return await rest.post(f"{PAYMENTS}/{payment['id']}/resolve", given, key=key)


async def test_a_verdict_on_the_first_day_comes_too_early(rest: RestClient, undecided: dict[str, Any]) -> None:
    """409 INVALID_STATE says from when it is heard."""
    told = refusal(await resolve(rest, undecided))
    assert (told.status, told.code) == (409, "INVALID_STATE")
    assert "a verdict is heard from 20" in told.message
    assert (await read(rest, undecided["id"]))["status"] == "processing"


async def test_a_verdict_settles_the_payment(rest: RestClient, a_day_old: dict[str, Any]) -> None:
    """200 with the payment; a repeat under the key answers the same, a second verdict is 409."""
    answer = await resolve(rest, a_day_old, key="verdict-1")
    assert (answer.status, answer.json["status"], answer.json["captured"]) == (200, "failed", False)
    assert (await read(rest, a_day_old["id"])) == answer.json
    again = await resolve(rest, a_day_old, key="verdict-1")
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (200, answer.body, "true")
    assert refusal(await resolve(rest, a_day_old)).code == "INVALID_STATE"


async def test_a_payment_that_was_paid_needs_its_number(
    rest: RestClient, a_day_old: dict[str, Any], installation: Installation
) -> None:
    """400 VALIDATION_ERROR names it; with it the payment is `succeeded`, and the evidence is kept beside who gave it."""
    told = refusal(await resolve(rest, a_day_old, resolution="succeeded"))
    assert (told.status, told.code, told.fields) == (400, "VALIDATION_ERROR", ["gateway_payment_id"])
    answer = await resolve(rest, a_day_old, resolution="succeeded", gateway_payment_id="pi_found")
    assert answer.status == 200, answer.body
    became = answer.json
    assert (became["status"], became["captured_amount"], became["gateway_payment_id"]) == (
        "succeeded",
        "59.49",
        "pi_found",
    )
    with closing(sqlite3.connect(installation.database, timeout=10)) as database:
        query = "SELECT actor, details FROM audit_log WHERE object_id = ?"
        ((actor, details),) = database.execute(query, (a_day_old["id"],)).fetchall()
    assert actor.startswith("key:")
    assert EVIDENCE in details


@pytest.mark.parametrize(
    ("field", "value"),
    [("evidence", None), ("evidence", "trust me"), ("resolution", None), ("resolution", "paid")],
)
async def test_a_verdict_needs_evidence(rest: RestClient, field: str, value: str | None) -> None:
    """400 VALIDATION_ERROR names what is missing or too short."""
    told = refusal(await resolve(rest, await paid(rest), **{field: value}))
    assert (told.status, told.code) == (400, "VALIDATION_ERROR")
    assert field in str(told.fields)


async def test_a_refund_is_resolved(rest: RestClient, sandbox: SandboxClient, installation: Installation) -> None:
    """Early 409; a day later, while Stripe tells nothing, the verdict counts, its evidence is kept, and the amount can be refunded again."""
    payment = await paid(rest)
    refunds = f"{PAYMENTS}/{payment['id']}/refunds"
    verdict = {"resolution": "failed", "evidence": EVIDENCE}
    await sandbox.fault("*", "http_500")
    try:
        refund = (await rest.post(refunds, {"amount": "50.00"})).json
        assert refund["status"] == "pending"
        early = refusal(await rest.post(f"{refunds}/{refund['id']}/resolve", verdict))
        assert (early.status, early.code) == (409, "INVALID_STATE")
        with closing(sqlite3.connect(installation.database, timeout=10)) as database, database:
            aged = "UPDATE refunds SET created_at = created_at - ? WHERE id = ?"
            database.execute(aged, (A_DAY_IN_MICROSECONDS, UUID(refund["id"]).bytes))
        answer = await rest.post(f"{refunds}/{refund['id']}/resolve", verdict, key="refund-verdict-1")
        again = await rest.post(f"{refunds}/{refund['id']}/resolve", verdict, key="refund-verdict-1")
    finally:
        await sandbox.no_faults()
    assert (answer.status, answer.json["status"]) == (200, "failed"), answer.body
    assert (again.status, again.body) == (200, answer.body)
    assert (await rest.get(f"{refunds}/{refund['id']}")).json == answer.json
    (entry,) = (await rest.get("/api/v1/audit_log", object_id=refund["id"])).json["data"]
    assert (entry["action"], entry["object_type"], entry["details"]["evidence"]) == (
        "refund.resolve",
        "refund",
        EVIDENCE,
    )
    assert (await rest.post(refunds, {"amount": "50.00"})).json["status"] == "succeeded"


async def test_only_operators_resolve(rest: RestClient, service: Development) -> None:
    """An administrator's token or a key with the scope: a restricted key and a customer's token are 403."""
    payment = await paid(rest)
    refund = (await rest.post(f"{PAYMENTS}/{payment['id']}/refunds", {"amount": "1.00"})).json
    of_it = f"{PAYMENTS}/{payment['id']}/refunds/{refund['id']}/resolve"
    verdict = {"resolution": "failed", "evidence": EVIDENCE}
    for bearer in (service.restricted_key, service.user_token):
        assert refusal(await resolve(rest.by(bearer), payment)).status == 403
        assert refusal(await rest.by(bearer).post(of_it, verdict)).status == 403
    assert refusal(await rest.by(service.admin_token).post(of_it, verdict)).code == "INVALID_STATE"
    assert refusal(await resolve(rest.by(service.admin_token), payment)).code == "INVALID_STATE"
