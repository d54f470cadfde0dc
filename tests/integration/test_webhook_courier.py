"""The way out, over real sockets: where it goes, where it does not, and what it makes of every answer."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.abc import ResolveResult

from server.domain.webhook import Answered, NoAnswer, Reply
from server.domain.webhook_addresses import WebhookAddresses
from server.webhooks.courier import HttpCourier
from server.webhooks.guard import AddressRefused, GuardedResolver
from tests.clock_and_ids import StoppedClock
from tests.e2e.receiver import Receiver, dies, never, receiving, status

LOCAL = WebhookAddresses(["127.0.0.1"])


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


def courier(addresses: WebhookAddresses = LOCAL, **options: object) -> HttpCourier:
    return HttpCourier(addresses, StoppedClock(), **options)  # type: ignore[arg-type]


async def carried(url: str, **options: object) -> Reply:
    return await courier(**options).carry(url, {"webhook-id": "evt_1"}, b'{"id":"evt_1"}')  # type: ignore[arg-type]


async def test_it_carries_body_and_headers_as_they_are(receiver: Receiver) -> None:
    """And JSON it is."""
    assert await carried(receiver.url("/ok?x=%2F&y=a+b")) == Answered(200)
    (got,) = receiver.received
    assert got.target == "/ok?x=%2F&y=a+b"
    assert (got.body, got.headers["webhook-id"], got.headers["content-type"]) == (
        b'{"id":"evt_1"}',
        "evt_1",
        "application/json",
    )
    assert "cookie" not in got.headers


@pytest.mark.parametrize("code", [204, 400, 410, 429, 500])
async def test_every_status_is_told(receiver: Receiver, code: int) -> None:
    """As it is."""
    receiver.answers["/x"] = status(code)
    assert await carried(receiver.url("/x")) == Answered(code)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(receiver: Receiver, code: int) -> None:
    """Not even to where it may go."""
    receiver.answers["/x"] = status(code, Location=receiver.url("/elsewhere"))
    assert await carried(receiver.url("/x")) == Answered(code)
    assert receiver.at("/elsewhere") == []


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("Mon, 15 Jan 2024 12:30:00 GMT", timedelta(minutes=30)),
        ("Mon, 15 Jan 2024 11:30:00 GMT", timedelta(0)),
        ("99999999", timedelta(hours=24)),
        ("-1", None),
        ("soon", None),
        ("Mon, 15 Jan 99999999999 12:30:00 GMT", None),
        ("Mon, 15 Jan 2024 99999999999:30:00 GMT", None),
        ("１２０", None),
    ],
)
async def test_retry_after_is_read_in_both_its_forms(receiver: Receiver, text: str, wait: timedelta | None) -> None:
    """Bounded; what is neither is not there."""
    receiver.answers["/x"] = status(503, Retry_After=text.encode().decode("latin-1") if text.isascii() else "soon")
    assert await carried(receiver.url("/x")) == Answered(503, wait)


async def test_it_waits_no_longer_than_it_must(receiver: Receiver) -> None:
    """An endpoint that says nothing has failed, and so has one that dribbles."""

    async def dribbles(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        for _ in range(1000):
            request.transport.write(b"H")
            await asyncio.sleep(0.01)
        return web.Response()

    receiver.answers |= {"/never": never, "/dribbles": dribbles}
    for path in ("/never", "/dribbles"):
        reply = await carried(receiver.url(path), timeout_seconds=0.2)
        assert isinstance(reply, NoAnswer)
    assert await carried(receiver.url("/never"), timeout_seconds=0.2) == NoAnswer(
        "the endpoint did not answer within 0.2 seconds"
    )


async def test_what_hangs_up_or_is_not_there_is_told_in_our_own_words(receiver: Receiver, unused: int) -> None:
    """Nothing of our network is in them."""
    receiver.answers["/dies"] = dies
    assert await carried(receiver.url("/dies")) == NoAnswer("the endpoint hung up before it answered")
    assert await carried(f"http://127.0.0.1:{unused}/") == NoAnswer("the endpoint could not be reached")


@pytest.fixture
def unused() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Names:
    """A resolver's answers, and how often it was asked."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        self.asked += 1
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not found:
            raise OSError("no such name")
        kinds = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            ResolveResult(hostname=host, host=text, port=port, family=kinds[":" in text], proto=6, flags=0)
            for text in found
        ]


@pytest.mark.parametrize(
    "found",
    [
        *(["127.0.0.1"], ["10.1.2.3"], ["169.254.169.254"], ["100.64.0.1"], ["0.0.0.0"], ["224.0.0.1"], ["192.0.0.8"]),
        *(
            ["::1"],
            ["::ffff:127.0.0.1"],
            ["64:ff9b::7f00:1"],
            ["2002:7f00:1::"],
            ["fe80::1%1"],
            ["fd00::1"],
            ["ff02::1"],
        ),
        ["8.8.8.8", "127.0.0.1"],
    ],
)
async def test_a_name_that_leads_inside_is_refused(found: list[str]) -> None:
    """Before anything is connected to; one such address condemns the whole name."""
    names = Names(found)
    reply = await carried("https://rebound.example/", look_up=names)
    assert reply == NoAnswer("the name leads to an address that is not public")
    assert names.asked == 1


async def test_a_public_name_is_given_to_the_connector_as_it_was_resolved() -> None:
    """Once: a name that leads elsewhere a moment later leads nowhere."""
    names = Names(["8.8.8.8", "2606:4700::1111"], ["127.0.0.1"])
    resolver = GuardedResolver(LOCAL, names)
    assert [one["host"] for one in await resolver.resolve("shop.example", 443)] == ["8.8.8.8", "2606:4700::1111"]
    with pytest.raises(AddressRefused):
        await resolver.resolve("shop.example", 443)


@pytest.mark.parametrize(
    "url",
    [
        *("https://10.0.0.1/", "https://[::1]/", "https://[64:ff9b::7f00:1]/", "https://[::ffff:10.0.0.1]/"),
        *("http://8.8.8.8/", "https://localhost/", "https://2130706433/", "https://0x7f.1/", "https://user@8.8.8.8/"),
        *(
            "https://127%2e0%2e0%2e1/",
            "https://%31%32%37.0.0.1/",
            "https://[::1%25lo]/",
            "https://8.8.8.8\\@127.0.0.1/",
        ),
    ],
)
async def test_an_address_in_the_url_is_checked_as_well(url: str) -> None:
    """No resolver is asked about those, so that the guard of names does not see them."""
    names = Names(["8.8.8.8"])
    reply = await carried(url, look_up=names)
    assert isinstance(reply, NoAnswer)
    assert reply.reason.startswith("the address must be")
    assert names.asked == 0


async def test_what_the_operator_allows_may_lead_anywhere(receiver: Receiver) -> None:
    """By its name; the name that it was called by is the one that it hears."""
    allowed = WebhookAddresses(["receiver.lan"])
    url = f"http://receiver.lan:{receiver.port}/hook"
    assert await carried(url, addresses=allowed, look_up=Names(["127.0.0.1"])) == Answered(200)
    assert receiver.received[0].headers["host"] == f"receiver.lan:{receiver.port}"


async def test_tls_holds_to_the_original_name() -> None:
    """A server without a certificate for it is not told anything."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1000))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        allowed = WebhookAddresses(["receiver.lan"])
        url = f"https://receiver.lan:{port}/hook"
        reply = await carried(url, addresses=allowed, look_up=Names(["127.0.0.1"]), tls=ssl.create_default_context())
    assert isinstance(reply, NoAnswer)
    (hello,) = heard
    assert b"receiver.lan" in hello
    assert b"webhook" not in hello


async def test_the_environments_proxy_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could reach what we must not."""
    monkeypatch.setenv("HTTP_PROXY", receiver.url("/proxy"))
    monkeypatch.setenv("http_proxy", receiver.url("/proxy"))
    assert await carried(receiver.url("/ok")) == Answered(200)
    assert [one.path for one in receiver.received] == ["/ok"]
