"""A caller of the REST API: JSON in and out, under one credential."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
from yarl import URL


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. The headers' names have no case; `body` is as it came, byte for byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class RestClient:
    """Calls the service as the bearer of a key or a token, or as nobody."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str, bearer: str | None) -> None:
        self._http = http
        self._base_url = base_url
        self._bearer = bearer

    def by(self, bearer: str | None) -> "RestClient":
        """The same caller with another credential."""
        return RestClient(self._http, self._base_url, bearer)

    async def post(self, path: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> Answer:
        """A call that changes something, under an idempotency key if one is given."""
        headers = {} if key is None else {"Idempotency-Key": key}
        if body is None:
            return await self.send("POST", path, headers=headers)
        headers["Content-Type"] = "application/json"
        return await self.send("POST", path, json.dumps(body, ensure_ascii=False).encode(), headers)

    async def get(self, path: str, **query: str | int) -> Answer:
        """A call that reads."""
        return await self.send("GET", path, query=query)

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Answer:
        """Any request at all, its path and its body as they are."""
        credential = {} if self._bearer is None else {"Authorization": f"Bearer {self._bearer}"}
        async with self._http.request(
            method,
            URL(self._base_url + path, encoded=path.isascii()),
            data=None if body is None else BytesIO(body),
            params=query,
            headers=credential | dict(headers or {}),
            skip_auto_headers=("Content-Type",),
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.read())
