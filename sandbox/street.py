"""The two pages that are no gateway's: the front page, and the one that stands for the shop to which a customer comes back."""

from aiohttp import web

from sandbox.hosted_page import hosted_page

SHOP_PATH = "/shop"

_FRONT = """<p>This is the sandbox of Sycee: Stripe, Alipay, WeChat Pay and PayPal, simulated.</p>
<p>Pages for paying are opened by the address that a payment or an order was answered with.</p>
<h2>What each gateway knows of its payments</h2>
<ul>
{gateways}
</ul>
<p>How it is steered is in <code>docs/sandbox.md</code>.</p>"""
_GATEWAY = '<li><a href="/_control/payments?gateway={name}">{name}</a></li>'
_SHOP = """<p>This page stands for the shop, to which a gateway's page leads its customers back.</p>
<p>That somebody comes back here proves nothing: what became of the payment says the service,
<code>GET /api/orders/{id}</code> for an order and <code>GET /api/v1/payments/{id}</code> for a payment.</p>
<p>To come back to a page of your own, give <code>return_url</code> with the payment, or set <code>SYCEE_RETURN_URL</code>.</p>"""


def street_routes(gateways: list[str]) -> list[web.RouteDef]:
    """Where a browser is shown around."""

    async def front(_: web.Request) -> web.Response:
        links = "\n".join(_GATEWAY.format(name=name) for name in gateways)
        return hosted_page("The sandbox", _FRONT.format(gateways=links))

    async def shop(_: web.Request) -> web.Response:
        return hosted_page("Back at the shop", _SHOP)

    return [web.get("/", front), web.get(SHOP_PATH, shop)]
