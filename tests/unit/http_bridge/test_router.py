"""Which endpoint an HTTP method and a path mean."""

import pytest

from http_bridge.contract import SERVICES
from http_bridge.routing.router import NotServed, Router, Served
from http_bridge.routing.routes import routes_of
from http_bridge.routing.template import parse_template


def _router(*routes: str) -> Router[str]:
    router: Router[str] = Router()
    for route in routes:
        method, path = route.split()
        router.add(method, parse_template(path), route)
    return router


def test_variables_are_single_segments_percent_decoded() -> None:
    """An encoded slash does not split a segment."""
    router = _router("GET /p/{id}/refunds/{refund_id}")
    assert router.find("GET", "/p/a%2Fb%20c/refunds/%E8%AE%A2") == Served(
        "GET /p/{id}/refunds/{refund_id}", {"id": "a/b c", "refund_id": "订"}
    )


@pytest.mark.parametrize("path", ["/p", "/p/", "/p//", "/p/a/", "/p/a/b", "p/a", "", "/", "//p/a", "/p/%ff", "/P/a"])
def test_a_path_that_does_not_fit_is_not_served(path: str) -> None:
    """A segment is never empty, and always UTF-8."""
    assert _router("GET /p/{id}").find("GET", path) == NotServed(())


def test_literals_go_before_variables() -> None:
    """But a variable serves the methods that the literal does not take."""
    router = _router("GET /events/{id}", "POST /events/redeliver")
    assert router.find("POST", "/events/redeliver") == Served("POST /events/redeliver", {})
    assert router.find("GET", "/events/redeliver") == Served("GET /events/{id}", {"id": "redeliver"})
    assert router.find("PUT", "/events/redeliver") == NotServed(("GET", "POST"))


def test_a_branch_without_an_end_is_left_again() -> None:
    """The first literal that fits may lead nowhere."""
    router = _router("GET /a/b/c", "GET /a/{x}/d")
    assert router.find("GET", "/a/b/d") == Served("GET /a/{x}/d", {"x": "b"})


def test_verbs_go_before_what_holds_a_colon() -> None:
    """`:watch` is a verb where one is declared, and a part of the segment elsewhere or when it is encoded."""
    router = _router("GET /events:watch", "GET /events/{id}", "POST /events/{id}:undo")
    assert router.find("GET", "/events:watch") == Served("GET /events:watch", {})
    assert router.find("GET", "/events:look") == NotServed(())
    assert router.find("POST", "/events/a:b:undo") == Served("POST /events/{id}:undo", {"id": "a:b"})
    assert router.find("GET", "/events/a:undo") == Served("GET /events/{id}", {"id": "a:undo"})
    assert router.find("POST", "/events/a%3Aundo") == NotServed(("GET",))
    assert router.find("POST", "/events/:undo") == NotServed(("GET",))


def test_variables_of_several_segments_keep_their_slashes() -> None:
    """And what was an encoded slash stays encoded, as `google.api.http` says."""
    router = _router("GET /v1/{name=shops/*}", "GET /files/{path=**}")
    assert router.find("GET", "/v1/shops/a%2Fb%20c") == Served("GET /v1/{name=shops/*}", {"name": "shops/a%2Fb c"})
    assert router.find("GET", "/files/a/b/c%2fd") == Served("GET /files/{path=**}", {"path": "a/b/c%2fd"})


def test_two_endpoints_for_one_path_are_refused() -> None:
    """Variables' names do not tell paths apart."""
    with pytest.raises(ValueError, match="two endpoints"):
        _router("GET /a/{x}", "GET /a/{y}")


def test_every_route_of_the_contract_is_found_by_its_own_path() -> None:
    """None hides another."""
    router: Router[str] = Router()
    routes = list(routes_of(SERVICES))
    for route in routes:
        router.add(route.http_method, route.template, route.path)
    for route in routes:
        path = "".join(f"/{'x' if segment == '*' else segment}" for segment in route.template.segments)
        verb = f":{route.template.verb}" if route.template.verb else ""
        found = router.find(route.http_method, path + verb)
        assert isinstance(found, Served)
        assert found.endpoint == route.path
        assert set(found.variables) == {variable.field_path for variable in route.template.variables}
