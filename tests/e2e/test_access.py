"""Who may call: secret keys everything, restricted keys what they were made for, tokens nothing in v1; each merchant sees its own alone."""

import base64
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jwt
import pytest
import pytest_asyncio

from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.domain.access import DEFAULT_MERCHANT, KeyKind
from server.operations.api_keys import ApiKeyOperations, new_secret
from server.storage.store import open_store
from server.system import SystemClock, Uuid7
from sycee.v1 import payment_service_pb2 as pb
from tests.e2e.installation import Installation
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, authorised, paid, read, refusal, wish
from tests.rpc import a_callers_metadata, refused

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub


def a_token(service: Development, secret: str | None = None, algorithm: str = "HS256", **claims: Any) -> str:
    """A token as the shop's own systems issue them; a claim that is None is left out."""
    all_claims = {"sub": "1001", "role": "admin", "exp": int(time.time()) + 600} | claims
    given = {name: value for name, value in all_claims.items() if value is not None}
    return jwt.encode(given, service.jwt_secret if secret is None else secret, algorithm=algorithm)


def unsigned(service: Development) -> str:
    """`alg: none`."""
    return jwt.encode(jwt.decode(a_token(service), options={"verify_signature": False}), "", algorithm="none")


def resigned(service: Development) -> str:
    """Another role under the old signature."""
    header, _, signature = a_token(service, role="user").split(".")
    claims = json.dumps({"sub": "1", "role": "admin", "exp": int(time.time()) + 600}).encode()
    return f"{header}.{base64.urlsafe_b64encode(claims).rstrip(b'=').decode()}.{signature}"


async def test_nobody_is_refused(rest: RestClient) -> None:
    """401 UNAUTHENTICATED, with the scheme that is asked for, on every call."""
    nobody = rest.by(None)
    payment_id = (await paid(rest))["id"]
    for answer in (
        await nobody.get(PAYMENTS),
        await nobody.get(f"{PAYMENTS}/{payment_id}"),
        await nobody.post(PAYMENTS, wish()),
        await nobody.post(f"{PAYMENTS}/{payment_id}/capture"),
        await nobody.post(f"{PAYMENTS}/{payment_id}/cancel"),
    ):
        told = refusal(answer)
        assert (told.status, told.code, told.outcome, told.retry_safe) == (401, "UNAUTHENTICATED", "not_sent", False)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer sk_",
        "Bearer sk_live_" + "x" * 33,
        "Bearer sk_" + "0" * 33,
        "Bearer rk_" + "0" * 33,
        "Bearer null",
        "Bearer a.b.c",
        "Bearer " + "x" * 5000,
        "Basic c2tfOg==",
        "Token {key}",
        "{key}",
        "Bearer {key}x",
        "Bearer {key} {key}",
        "Bearer, {key}",
    ],
)
async def test_what_is_no_credential_is_refused(rest: RestClient, service: Development, value: str) -> None:
    """401 whatever it looks like, and it is not repeated."""
    header = {"Authorization": value.format(key=service.secret_key)}
    answer = await rest.by(None).send("GET", PAYMENTS, headers=header)
    assert (refusal(answer).status, refusal(answer).code) == (401, "UNAUTHENTICATED")
    assert service.secret_key.encode() not in answer.body


async def test_a_well_formed_key_of_nobody_is_refused(rest: RestClient) -> None:
    """Its checksum is right, and it is stored nowhere."""
    for kind in KeyKind:
        assert refusal(await rest.by(new_secret(kind)).get(PAYMENTS)).status == 401


async def test_the_schemes_name_has_no_case(rest: RestClient, service: Development) -> None:
    """RFC 9110: `bearer` is `Bearer`."""
    header = {"Authorization": f"bearer {service.secret_key}"}
    assert (await rest.by(None).send("GET", PAYMENTS, headers=header)).status == 200


async def test_a_restricted_key_reads_and_changes_nothing(rest: RestClient, service: Development) -> None:
    """403 PERMISSION_DENIED on every write, before the request is looked at."""
    payment = await authorised(rest)
    restricted = rest.by(service.restricted_key)
    assert (await restricted.get(PAYMENTS)).status == 200
    assert await read(restricted, payment["id"]) == payment
    for answer in (
        await restricted.post(PAYMENTS, wish()),
        await restricted.post(PAYMENTS, wish(amount="0")),
        await restricted.post(f"{PAYMENTS}/{payment['id']}/capture"),
        await restricted.post(f"{PAYMENTS}/{payment['id']}/cancel"),
        await restricted.post(f"{PAYMENTS}/{uuid4()}/cancel"),
    ):
        told = refusal(answer)
        assert (told.status, told.code, told.outcome) == (403, "PERMISSION_DENIED", "not_sent")
    assert await read(rest, payment["id"]) == payment


@pytest.mark.parametrize("role", ["admin", "user"])
async def test_a_token_is_of_the_wrong_kind_in_v1(rest: RestClient, service: Development, role: str) -> None:
    """Valid, and not accepted by these calls: 403."""
    caller = rest.by(service.admin_token if role == "admin" else service.user_token)
    for answer in (await caller.get(PAYMENTS), await caller.post(PAYMENTS, wish())):
        assert (refusal(answer).status, refusal(answer).code) == (403, "PERMISSION_DENIED")


async def test_a_token_that_does_not_hold_is_401(rest: RestClient, service: Development) -> None:
    """Expired, forged, unsigned, without what it must say, or of another algorithm than the configured one."""
    bad = {
        "expired": a_token(service, exp=int(time.time()) - 60),
        "without an end": a_token(service, exp=None),
        "without a user": a_token(service, sub=None),
        "without a role": a_token(service, role=None),
        "of an unknown role": a_token(service, role="root"),
        "another's": a_token(service, secret="x" * 40),
        "of another algorithm": a_token(service, secret="x" * 64, algorithm="HS512"),
        "unsigned": unsigned(service),
        "changed": resigned(service),
        "not yet valid": a_token(service, nbf=int(time.time()) + 300),
    }
    told = {name: (await rest.by(text).get(PAYMENTS)).status for name, text in bad.items()}
    assert told == dict.fromkeys(bad, 401)


async def test_access_over_grpc_is_the_same(
    rest: RestClient, payments: "PaymentServiceAsyncStub", service: Development
) -> None:
    """UNAUTHENTICATED and PERMISSION_DENIED, with their reasons."""
    payment_id = (await authorised(rest))["id"]
    ends = [
        (None, "UNAUTHENTICATED"),
        ("sk_nobody", "UNAUTHENTICATED"),
        (unsigned(service), "UNAUTHENTICATED"),
        (service.restricted_key, "PERMISSION_DENIED"),
        (service.admin_token, "PERMISSION_DENIED"),
        (service.user_token, "PERMISSION_DENIED"),
    ]
    for bearer, reason in ends:
        caller = None if bearer is None else a_callers_metadata(bearer)
        told = await refused(payments.CancelPayment(pb.CancelPaymentRequest(id=payment_id), metadata=caller))
        assert (told.code.name, told.reason) == (reason, reason)
    assert (await read(rest, payment_id))["status"] == "pending"
    caller = a_callers_metadata(service.restricted_key)
    assert (await payments.GetPayment(pb.GetPaymentRequest(id=payment_id), metadata=caller)).id == payment_id


async def test_a_key_made_on_the_command_line_works_at_once_until_it_is_revoked(
    rest: RestClient, installation: Installation, service: Development
) -> None:
    """With the scope to write it may write and not read; revoked, it is refused within moments. The list shows no secrets."""
    scoped = await installation.sycee("keys", "create", "--name", "till", "--restricted", "--scope", "payments:write")
    payment = await rest.by(scoped).post(PAYMENTS, wish())
    assert payment.status == 201
    assert (await rest.by(scoped).get(PAYMENTS)).status == 403
    shown = await installation.sycee("keys", "list")
    assert scoped not in shown
    assert service.secret_key not in shown
    (line,) = [line for line in shown.splitlines() if "till" in line]
    await installation.sycee("keys", "revoke", line.split()[0])
    await until(lambda: rest.by(scoped).post(PAYMENTS, {}), lambda answer: answer.status == 401, within_seconds=5)


async def a_key_of(installation: Installation, merchant: str) -> str:
    """A new secret key of a merchant."""
    store = open_store(f"sqlite:///{installation.database}")
    _, secret = await ApiKeyOperations(store, SystemClock(), Uuid7()).create(merchant, KeyKind.SECRET, "another")
    await store.close()
    return secret


async def test_idempotency_keys_belong_to_their_caller(rest: RestClient, installation: Installation) -> None:
    """Under another API key the same idempotency key is another: no replay, no 422, a payment of its own. The payments are shared."""
    other = rest.by(await a_key_of(installation, DEFAULT_MERCHANT))
    key = str(uuid4())
    first = await rest.post(PAYMENTS, wish(), key)
    second = await other.post(PAYMENTS, wish(amount="1.00"), key)
    assert (first.status, second.status) == (201, 201)
    assert "Idempotent-Replayed" not in second.headers
    assert first.json["id"] != second.json["id"]
    assert await read(other, first.json["id"]) == first.json


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stranger(rest: RestClient, installation: Installation) -> RestClient:
    """Another merchant, whose secret key is as good as ours."""
    return rest.by(await a_key_of(installation, "another merchant"))


def without_request_id(error: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in error.items() if name != "request_id"}


async def test_another_merchants_payment_does_not_exist(rest: RestClient, stranger: RestClient) -> None:
    """404 as if there were none: the same answer as for an id that nobody has."""
    payment = await authorised(rest)
    missing = await stranger.get(f"{PAYMENTS}/{uuid4()}")
    for answer in (
        await stranger.get(f"{PAYMENTS}/{payment['id']}"),
        await stranger.post(f"{PAYMENTS}/{payment['id']}/capture"),
        await stranger.post(f"{PAYMENTS}/{payment['id']}/cancel"),
    ):
        assert refusal(answer).status == 404
        assert without_request_id(answer.json["error"]) == without_request_id(missing.json["error"])
    assert await read(rest, payment["id"]) == payment


async def test_another_merchants_payments_are_not_listed_nor_counted(rest: RestClient, stranger: RestClient) -> None:
    """Not by any filter."""
    customer = str(uuid4())
    await paid(rest, customer_id=customer)
    for query in ({}, {"customer_id": customer}, {"status": "succeeded"}):
        answer = await stranger.get(PAYMENTS, **query)
        assert (answer.json["data"], answer.json["pagination"]["total"]) == ([], 0)


async def test_another_merchants_idempotency_keys_are_its_own(rest: RestClient, stranger: RestClient) -> None:
    """A used key is unknown there: the call goes its own way."""
    key, payment = str(uuid4()), await authorised(rest)
    assert (await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {}, key)).status == 200
    assert refusal(await stranger.post(f"{PAYMENTS}/{payment['id']}/capture", {}, key)).status == 404


async def test_a_token_may_name_its_merchant(rest: RestClient, service: Development) -> None:
    """Where tokens are accepted: an administrator of another merchant does not find our payment, and ours does."""
    payment = await paid(rest)
    verdict = {"resolution": "failed", "evidence": "a statement of the gateway"}
    ours, theirs = a_token(service), a_token(service, merchant_id="another merchant")
    told = refusal(await rest.by(theirs).post(f"{PAYMENTS}/{payment['id']}/resolve", verdict))
    assert (told.status, told.code, told.details) == (404, "PAYMENT_NOT_FOUND", [])
    told = refusal(await rest.by(ours).post(f"{PAYMENTS}/{payment['id']}/resolve", verdict))
    assert told.status == 409
