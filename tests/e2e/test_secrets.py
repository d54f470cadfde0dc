"""Card numbers, security codes and keys go to the gateway and nowhere else: not to a database, a log, an event, a stored reply or an answer."""

import json
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import grpc
import pytest
import pytest_asyncio

from server.commands.cards import card, typed_card
from server.commands.rest_client import Answer, RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import payment_service_pb2 as pb
from tests.e2e.installation import Installation
from tests.e2e.leaks import kept, leaked, rows, secrets_of
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, wish
from tests.rpc import a_callers_metadata, answer_of

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

# One number for each way, so that a find says which way it leaked. The security code has four digits, as American Express has them, and occurs nowhere else.
TAKEN, SAVED, DECLINED, CHALLENGED, LOST, OVER_GRPC = (
    "371449635398431",
    "378282246310005",
    "4000000000009979",
    "4000002760003184",
    "5200828282828210",
    "6011000990139424",
)
CODE = "9173"

# What an administrator sends in every wrong place. It begins with what no gateway's name begins with.
GIVEN = "4Vf9misplacedSecretOfAnAdministrator"

# What an operator reads of callbacks that no gateway has signed, and of those that somebody has signed with a gateway's own key.
ATTACKED = {
    ("WARNING", "a callback is not believed"),
    ("ERROR", "a signed callback does not agree with what was asked for; look into it"),
    ("ERROR", "a payment is disputed that is not known here; look into it"),
}

# What an operator reads of gateways' lists: some tests save keys that no gateway knows, and dispute what is not known here.
LISTED_IN_VAIN = {
    ("WARNING", "a gateway does not tell its list; it is asked again"),
    ("WARNING", "a dispute on a gateway's list is not taken in; look into it"),
}

# Where a careless caller may put one: each is refused, and not repeated.
MISPLACED = "4929000000006"
CARELESS: list[dict[str, Any]] = [
    {"amount": MISPLACED},
    {"currency": MISPLACED},
    {"gateway": MISPLACED},
    {"order_id": MISPLACED},
    {"receipt_email": MISPLACED},
    {"return_url": MISPLACED},
    {"capture_method": MISPLACED},
    {"confirmation_method": MISPLACED},
    {"metadata": {MISPLACED * 4: "too long"}},
    {"metadata": {MISPLACED: 5}},
    {MISPLACED: "unknown"},
    {"payment_method": MISPLACED},
    {"payment_method": {"type": MISPLACED}},
    {"payment_method": {"type": "card", "token": MISPLACED}},
    {"payment_method": {"type": "card", "id": MISPLACED}},
    {"payment_method": {"type": "card", MISPLACED: {"number": MISPLACED}}},
    {"payment_method": card(MISPLACED[:-1] + "1", CODE)},
    {"payment_method": card(MISPLACED, MISPLACED)},
    {"payment_method": {"type": "card", "card": {"number": int(MISPLACED), "cvc": int(CODE)}}},
]
BROKEN = [
    f'{{"payment_method": {{"card": {{"number": "{MISPLACED}", "cvc": "{CODE}"'.encode(),
    f'{{"number": "{MISPLACED}", "number": "{MISPLACED}"}}'.encode(),
    f"number={MISPLACED}&cvc={CODE}".encode(),
]

# Ends in what no number or word goes on with, so that neither ids nor fractions count; and is not how a UUID begins, whose groups no card has.
_DIGITS = re.compile(
    rb"(?<![0-9A-Za-z.])(?![0-9]{8}-[0-9]{4}-[0-9]{4}(?![0-9]))[3-6](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])"
)
# American Express; Diners Club; JCB; Visa; Maestro and Mastercard; Discover, UnionPay and Maestro: how they begin, with as many digits as they have.
_ISSUED = re.compile(
    r"3[47]\d{13}|3[0689]\d{12}|35\d{14,17}|4\d{12}|4\d{15}|4\d{18}|5[0678]\d{11,17}|5[1-5]\d{14}|6\d{12,18}"
)
# Not as a request's id begins.
_CODE = re.compile(rb"(?<![0-9A-Za-z.-])" + CODE.encode() + rb"(?![0-9a-f])")


def is_card_number(digits: str) -> bool:
    """Whether an issuer gives such numbers, and the last digit checks the others, as Luhn's rule has it on every card."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    checked = sum(number - 9 * (number > 9) for number in doubled) % 10 == 0
    return checked and _ISSUED.fullmatch(digits) is not None


def found_in(text: bytes) -> set[str]:
    """Whatever could be a card's number, with or without spaces and hyphens, and our security code."""
    numbers = {re.sub(rb"[ -]", b"", match).decode() for match in _DIGITS.findall(text)}
    given = {
        number for number in (TAKEN, SAVED, DECLINED, CHALLENGED, LOST, OVER_GRPC, MISPLACED) if number.encode() in text
    }
    return given | {digits for digits in numbers if is_card_number(digits)} | {CODE for _ in _CODE.findall(text)}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def answers(
    rest: RestClient,
    payments: "PaymentServiceAsyncStub",
    sandbox: SandboxClient,
    service: Development,
    installation: Installation,
) -> list[bytes]:
    """Everything that callers were told in a run in which cards went every way; when it is there, the logs are written."""
    told = [await rest.post(PAYMENTS, wish(payment_method=card(TAKEN, CODE)), key="secrets") for _ in range(2)]
    told += [await rest.post(PAYMENTS, wish(payment_method=card(number))) for number in (DECLINED, CHALLENGED)]
    told += await _saved(rest)
    await sandbox.fault("pay", "reset_after")
    told.append(await rest.post(PAYMENTS, wish(payment_method=card(LOST))))
    await sandbox.no_faults()
    told += [await rest.post(PAYMENTS, wish(**changes)) for changes in CARELESS]
    json_body = {"Content-Type": "application/json"}
    told += [await rest.send("POST", PAYMENTS, body, json_body) for body in BROKEN]
    told.append(await rest.get(f"{PAYMENTS}/{MISPLACED}"))
    told.append(await rest.get(PAYMENTS, **{"order_id": MISPLACED, MISPLACED: MISPLACED}))
    told.append(await rest.get(f"/api/v1/{MISPLACED}"))
    texts = [answer.body + json.dumps(dict(answer.headers)).encode() for answer in told]
    texts += await _over_grpc(payments, service)
    last = {"X-Request-Id": "the-last-of-the-secrets"}
    await rest.send("GET", PAYMENTS, headers=last)
    await until(lambda: _log(installation), lambda log: last["X-Request-Id"].encode() in log, within_seconds=5)
    return texts


async def _saved(rest: RestClient) -> list[Answer]:
    """A card that is saved, paid with and deleted; and one that is not kept."""
    methods = f"/api/v1/customers/{uuid4()}/payment_methods"
    told = [
        await rest.post(methods, card(number, CODE), key=key) for key, number in (("kept", SAVED), ("not", DECLINED))
    ]
    told += [await rest.post(methods, card(MISPLACED, CODE)), await rest.post(methods, card(MISPLACED, MISPLACED))]
    saved = {"type": "card", "id": told[0].json["id"]}
    told.append(await rest.post(PAYMENTS, wish(payment_method=saved)))
    told.append(await rest.get(methods))
    told.append(await rest.send("DELETE", f"{methods}/{saved['id']}"))
    return told


async def _log(installation: Installation) -> bytes:
    return installation.log.read_bytes()


async def _over_grpc(payments: "PaymentServiceAsyncStub", service: Development) -> list[bytes]:
    """What gRPC tells: a payment; an error with its details."""
    caller = a_callers_metadata(service.secret_key)
    wanted = pb.CreatePaymentRequest(amount="5", currency="USD", payment_method=typed_card(OVER_GRPC))
    made = await payments.CreatePayment(wanted, metadata=caller)
    wanted.payment_method.card.number = MISPLACED[:-1] + "1"
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await payments.CreatePayment(wanted, metadata=caller)
    return [str(made).encode(), str(raised.value).encode(), repr(answer_of(raised.value)).encode()]


def test_the_search_finds_what_it_looks_for() -> None:
    """Otherwise the tests below could not fail."""
    for text in (
        b'"number":"4242424242424242"',
        b"4242 4242 4242 4242",
        b"x=4242-4242-4242-4242,",
        b"\x12\x104242424242424242",
    ):
        assert found_in(text) == {"4242424242424242"}
    for number in (
        TAKEN,
        SAVED,
        DECLINED,
        CHALLENGED,
        LOST,
        OVER_GRPC,
        MISPLACED,
        "36227206271667",
        "6205500000000000004",
    ):
        assert is_card_number(number)
        assert found_in(b"-".join(number.encode()[at : at + 4] for at in range(0, len(number), 4))) == {number}
    assert found_in(b"\x22\x049173*") == found_in(b'"cvc": "9173"') == found_in(b"9173") == {CODE}
    assert is_card_number("6021703113674478")
    assert found_in(b"60217031-1367-4478-b897-ca827a06ec33 60217031-1367-4478 3878646894905820") == set()
    assert found_in(b"4242424242424241 0.4242424242424242 4242424242424242a 01a2-9173 1795310609173000") == set()


async def test_no_answer_repeats_a_card(answers: list[bytes]) -> None:
    """Neither a payment nor an error, nor a header; of a number the last four digits are shown, of a code nothing."""
    assert {found for text in answers for found in found_in(text)} == set()
    assert TAKEN[-4:].encode() in answers[0]


async def test_no_log_holds_a_card(answers: list[bytes], installation: Installation) -> None:
    """Not at the level that says the most, and not in what any process wrote from its start."""
    log = installation.log.read_bytes()
    assert found_in(log) == set()
    assert log.count(b"/sycee.v1.PaymentService/CreatePayment") >= 10


async def test_nothing_unexpected_was_logged(answers: list[bytes], installation: Installation) -> None:
    """Whatever tests have run before: every line is one JSON object, and none tells of a fault of ours. Attacks with callbacks are told of, and some tests are attacks; so are lists that do not come."""
    lines = [json.loads(line) for line in installation.log.read_text().splitlines()]
    assert lines
    beyond_info = [line for line in lines if line["level"] not in {"DEBUG", "INFO"}]
    expected = ATTACKED | LISTED_IN_VAIN
    assert [line for line in beyond_info if (line["level"], line["message"]) not in expected] == []


async def test_no_file_of_ours_holds_a_card(answers: list[bytes], installation: Installation) -> None:
    """The database with its write-ahead log, rows that were deleted included, and everything beside it but the sandbox's own."""
    files = {path for path in installation.data_dir.iterdir() if path.is_file() and path.stem != "sandbox"}
    assert {path.name for path in files} >= {"sycee.db", "sycee.db-wal", "dev-credentials.json"}
    numbers = {path.name: {found for found in found_in(path.read_bytes()) if found != CODE} for path in files}
    assert numbers == {path.name: set() for path in files}


async def test_no_row_holds_a_card(answers: list[bytes], installation: Installation) -> None:
    """Payments, attempts with what they send again, events' payloads, stored replies, jobs: every value of every table."""
    stored = rows(installation)
    assert {"payments", "attempts", "events", "idempotency_claims", "jobs"} <= set(stored)
    found = {table: set[str]().union(*map(found_in, values)) for table, values in stored.items()}
    assert found == {table: set() for table in stored}
    assert TAKEN[-4:].encode() in stored["payments"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told_of_configs(rest: RestClient, service: Development, answers: list[bytes]) -> list[bytes]:
    """Everything that administrators were told about gateways, in a run in which secrets were saved, saved back, misplaced and refused."""
    admin = rest.by(service.admin_token)
    configs = "/api/payment-configs"
    told = [await admin.get(configs)]
    for config in told[0].json["data"]:
        saved_back = {"gateway": config["gateway"], "config": config["config"]}
        told.append(await admin.post(configs, saved_back, key=f"again-{config['gateway']}"))
        wrong: tuple[dict[str, Any], ...] = (
            {"gateway": config["gateway"], "config": dict.fromkeys(config["config"], GIVEN)},
            {"gateway": config["gateway"], "config": config["config"] | {GIVEN: GIVEN}},
            {"gateway": config["gateway"], "config": config["config"] | {"notify_url": f"https://{GIVEN}@localhost/"}},
            {"gateway": config["gateway"], "config": config["config"], "status": GIVEN},
            {"gateway": GIVEN, "config": {"secret": GIVEN}},
        )
        told += [await admin.post(configs, body) for body in wrong]
    assert [answer.status for answer in told].count(200) == 1 + len(told[0].json["data"])
    told.append(await admin.get("/api/v1/audit_log"))
    return [answer.body + json.dumps(dict(answer.headers)).encode() for answer in told]


async def test_no_credential_is_kept_or_logged(
    answers: list[bytes], told_of_configs: list[bytes], installation: Installation, service: Development
) -> None:
    """API keys are stored as hashes, gateways' secrets encrypted, tokens nowhere; and none of them is written to a log or an answer."""
    secrets = secrets_of(service, installation) | {"given": GIVEN}
    assert len(secrets) > 15
    assert leaked(secrets, [*answers, *told_of_configs, *kept(installation)]) == set()


async def test_what_was_saved_of_the_gateways_is_there_all_the_same(
    told_of_configs: list[bytes], installation: Installation
) -> None:
    """Otherwise the test above could not fail: what is no secret stands in the answers and in the database."""
    made = json.loads((installation.data_dir / "dev-credentials.json").read_text())
    texts = [*told_of_configs, *(path.read_bytes() for path in installation.data_dir.glob("sycee.db*"))]
    number = made["wechat_mch_id"].encode()
    assert sum(number in text for text in texts) >= 2
