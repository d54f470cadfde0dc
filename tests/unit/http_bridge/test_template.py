"""Path templates of `google.api.http`."""

import pytest

from http_bridge.routing.template import Template, Variable, parse_template


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("/api/v1/payments", Template(("api", "v1", "payments"), (), "")),
        ("/payments/{id}", Template(("payments", "*"), (Variable("id", 1, 2),), "")),
        ("/events:watch", Template(("events",), (), "watch")),
        (
            "/p/{id}/refunds/{refund.id}:undo",
            Template(("p", "*", "refunds", "*"), (Variable("id", 1, 2), Variable("refund.id", 3, 4)), "undo"),
        ),
        ("/v1/{name=shops/*/items/*}", Template(("v1", "shops", "*", "items", "*"), (Variable("name", 1, 5),), "")),
        ("/v1/{rest=**}", Template(("v1", "**"), (Variable("rest", 1, None),), "")),
        ("/v1/{one=*}/*", Template(("v1", "*", "*"), (Variable("one", 1, 2),), "")),
    ],
)
def test_a_template_is_read(text: str, template: Template) -> None:
    """Literals, wildcards, variables with and without a pattern, a verb."""
    assert parse_template(text) == template


@pytest.mark.parametrize("text", ["", "api", "/", "/a//b", "/a/", "/a/**/b", "/a/{b", "/a/x{b}", "/a/{b}x"])
def test_what_is_no_template_is_refused(text: str) -> None:
    """At start-up, not at the first request."""
    with pytest.raises(ValueError, match="template"):
        parse_template(text)
