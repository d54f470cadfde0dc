"""The stream of events over REST: a line for each as it happens, resumed by the last one's id; and the lists beside it."""

import asyncio
import json
from typing import Any

import aiohttp

from server.commands.rest_client import RestClient
from server.commands.running import Development
from tests.e2e.wishes import paid, refusal

EVENTS, WATCH = "/api/v1/events", "/api/v1/events:watch"
WITHIN_SECONDS = 10.0


async def watched(service: Development, http: aiohttp.ClientSession, count: int, **query: str) -> list[dict[str, Any]]:
    """So many lines; then the caller hangs up."""
    headers = {"Authorization": f"Bearer {service.secret_key}"}
    async with (
        asyncio.timeout(WITHIN_SECONDS),
        http.get(service.http + WATCH, params=query, headers=headers) as answer,
    ):
        assert (answer.status, answer.content_type) == (200, "application/x-ndjson")
        return [json.loads(await answer.content.readline()) for _ in range(count)]


async def newest(rest: RestClient) -> str:
    """The id of the event that happened last."""
    return str((await rest.get(EVENTS, per_page=1)).json["data"][0]["id"])


async def test_a_broken_stream_goes_on_where_it_was(
    service: Development, http: aiohttp.ClientSession, rest: RestClient
) -> None:
    """Nothing is left out and nothing comes twice; each line is what a read of the event answers."""
    await paid(rest)
    cursor = await newest(rest)
    payments = [(await paid(rest))["id"] for _ in range(3)]
    seen: list[dict[str, Any]] = []
    while len(seen) < 6:
        seen += await watched(service, http, 2, cursor=seen[-1]["id"] if seen else cursor)
    assert [(event["data"]["object"]["id"], event["sequence"]) for event in seen] == [
        (payment, sequence) for payment in payments for sequence in (1, 2)
    ]
    assert (await rest.get(f"{EVENTS}/{seen[0]['id']}")).json == seen[0]


async def test_a_stream_tells_of_what_happens_while_it_is_watched(
    service: Development, http: aiohttp.ClientSession, rest: RestClient
) -> None:
    """Only of the types that it asks for."""
    await paid(rest)
    watching = asyncio.create_task(watched(service, http, 1, cursor=await newest(rest), types="payment.succeeded"))
    payment = await paid(rest)
    (event,) = await watching
    assert (event["type"], event["data"]["object"]["id"]) == ("payment.succeeded", payment["id"])


async def test_a_caller_without_the_scope_watches_nothing(rest: RestClient, service: Development) -> None:
    """Nor does one without a credential, nor a user of the mall."""
    for bearer, status in ((None, 401), (service.user_token, 403)):
        assert refusal(await rest.by(bearer).get(WATCH)).status == status


async def test_lists_are_exact_at_once(rest: RestClient) -> None:
    """What was answered is listed, newest first, with the total; pages do not overlap."""
    payment = await paid(rest)
    listed = (await rest.get(EVENTS, object_id=payment["id"])).json
    assert [event["type"] for event in listed["data"]] == ["payment.succeeded", "payment.created"]
    assert listed["pagination"] == {"page": 1, "per_page": 20, "total": 2, "total_pages": 1}
    pages = [(await rest.get(EVENTS, page=page, per_page=2)).json for page in (1, 2)]
    names = [event["id"] for page in pages for event in page["data"]]
    assert len(set(names)) == len(names)
    assert names[:2] == [event["id"] for event in listed["data"]]
    for query in ({"type": "x"}, {"object_id": "x"}, {"created_after": "x"}):
        assert refusal(await rest.get(EVENTS, **query)).code == "VALIDATION_ERROR"
