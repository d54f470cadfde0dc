"""The simulated WeChat Pay's list of complaints: by days and page by page as WeChat Pay describes it, through its SDK, and strict about what it is asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.wechat.times import BEIJING
from tests.integration.wechat_sandbox import MCH_ID, Sandbox, sandbox
from tests.integration.wechat_swagger import DESCRIPTIONS, response_of

__all__ = ["sandbox"]

LIST = "/v3/merchant-service/complaints-v2"


def day(ago: int = 0) -> str:
    """A day in Beijing."""
    return (datetime.now(UTC).astimezone(BEIJING) - timedelta(days=ago)).date().isoformat()


async def complain(sandbox: Sandbox, number: str, count: int = 1) -> list[str]:
    """Complaints about a paid order."""
    paid = await sandbox.paid(number)
    body = {"gateway": "wechat", "gateway_payment_id": paid["transaction_id"]}
    return [(await sandbox.control("POST", "disputes", body))["id"] for _ in range(count)]


async def listed(sandbox: Sandbox, **query: Any) -> dict[str, Any]:
    given = {"begin_date": day(1), "end_date": day(), **query}
    status, answer = await sandbox.call(sandbox.sdk.complaint_list_query, **given)
    assert status == 200, answer
    return answer


async def test_the_list_is_read_page_by_page(sandbox: Sandbox) -> None:
    """Through the SDK: newest first, ten at a time unless another number is asked for, with how many there are."""
    made = await complain(sandbox, "complained-1", 12)
    first, second = await listed(sandbox), await listed(sandbox, offset=10)
    assert (len(first["data"]), first["limit"], first["offset"], first["total_count"]) == (10, 10, 0, 12)
    found = [each["complaint_id"] for each in first["data"] + second["data"]]
    assert found == made[::-1]
    assert (await listed(sandbox, offset=12))["data"] == []
    assert (await listed(sandbox, begin_date=day(40), end_date=day(11)))["data"] == []


@pytest.mark.skipif(not DESCRIPTIONS.is_dir(), reason="WeChat Pay's published descriptions are not at hand")
async def test_the_list_is_as_wechat_pay_describes_it(sandbox: Sandbox) -> None:
    """Every field of it, while a complaint is open and when it has ended."""
    described = response_of("v3/merchant-service/complaints-v2", "get")
    (number,) = await complain(sandbox, "complained-2")
    assert list(described.problems(await listed(sandbox))) == []
    await sandbox.control("POST", f"disputes/{number}/close", {"outcome": "lost"})
    assert list(described.problems(await listed(sandbox))) == []


@pytest.mark.parametrize(
    "query",
    [
        "begin_date={yesterday}",
        "begin_date={long_ago}&end_date={today}",
        "begin_date={today}&end_date={yesterday}",
        "begin_date=2026-02-30&end_date={today}",
        "begin_date={today}T00:00:00&end_date={today}",
        "begin_date={today}&end_date={today}&limit=0",
        "begin_date={today}&end_date={today}&limit=51",
        "begin_date={today}&end_date={today}&offset=-1",
        "begin_date={today}&end_date={today}&page=2",
        "begin_date={today}&end_date={today}&end_date={today}",
    ],
)
async def test_a_wrong_question_is_refused(sandbox: Sandbox, query: str) -> None:
    """400; thirty days, the first and the last one counted, are the most."""
    asked = query.format(today=day(), yesterday=day(1), long_ago=day(30))
    status, answer = await sandbox.v3_raw("GET", f"{LIST}?{asked}")
    assert (status, answer["code"]) == (400, "PARAM_ERROR")
    assert (await sandbox.v3_raw("GET", f"{LIST}?begin_date={day(29)}&end_date={day()}"))[0] == 200


async def test_another_merchants_complaints_are_not_shown(sandbox: Sandbox) -> None:
    """Asked for by its number they are refused."""
    query = f"begin_date={day()}&end_date={day()}&complainted_mchid="
    assert (await sandbox.v3_raw("GET", f"{LIST}?{query}{MCH_ID}"))[0] == 200
    assert (await sandbox.v3_raw("GET", f"{LIST}?{query}1900000000"))[0] == 403
