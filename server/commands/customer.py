"""The demo's customer: opens the page on which an order is paid, as a browser would, and presses its first button."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, urljoin

import aiohttp


@dataclass(slots=True)
class _Form:
    """A page's first form: where it goes, what it holds, and its first button."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    has_button: bool = False


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form = _Form()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form.action = self.form.action or given.get("action", "")
        elif tag == "input" and given.get("type") == "hidden":
            self.form.fields.setdefault(given.get("name", ""), given.get("value", ""))
        elif tag == "button" and not self.form.has_button:
            self.form.has_button = True
            self.form.fields[given.get("name", "")] = given.get("value", "")


class Customer:
    """Pays on the gateways' hosted pages, over HTTP like everybody; what a WeChat customer would scan is opened as the sandbox's page about it."""

    def __init__(self, http: aiohttp.ClientSession, sandbox_url: str) -> None:
        self._http = http
        self._sandbox_url = sandbox_url

    async def pay(self, payment_url: str) -> int:
        """Opens the page, presses its first button, and gives the status of the answer; a redirect back to the shop is not followed."""
        async with self._http.get(self._page_of(payment_url)) as page:
            reader = _FormReader()
            reader.feed(await page.text())
            target = urljoin(str(page.url), reader.form.action)
        async with self._http.post(target, data=reader.form.fields, allow_redirects=False) as answer:
            return answer.status

    def _page_of(self, payment_url: str) -> str:
        if payment_url.startswith(("http://", "https://")):
            return payment_url
        return f"{self._sandbox_url}/wechat/qr?code_url={quote(payment_url, safe='')}"
