"""The frame of every page that a simulated gateway shows in a browser."""

from html import escape

from aiohttp import web

PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action *; frame-ancestors *",
    "Referrer-Policy": "no-referrer",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} (sandbox)</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; }}
.notice {{ border: 1px solid; padding: .4rem .8rem; }}
button {{ font: inherit; padding: .6rem 1.2rem; margin: 0 .8rem .8rem 0; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="notice">Sandbox: nothing here moves real money.</p>
{content}
</main>
</body>
</html>
"""


def hosted_page(title: str, content: str, status: int = 200) -> web.Response:
    """`content` is HTML below the heading and the notice that nothing is real: what comes from a caller must be escaped in it."""
    html = _PAGE.format(title=escape(title), content=content)
    return web.Response(status=status, text=html, content_type="text/html", headers=PAGE_HEADERS)
