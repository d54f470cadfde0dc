"""Request targets as they are sent."""

import pytest

from http_bridge.web.target import split_target


@pytest.mark.parametrize(
    ("raw", "split"),
    [
        ("/a/b?c=d?e", ("/a/b", "c=d?e")),
        ("/a%2Fb/../c", ("/a%2Fb/../c", "")),
        ("/a?", ("/a", "")),
        ("http://host:1/a/b?c=d", ("/a/b", "c=d")),
        ("*", ("*", "")),
        ("//host/a", ("//host/a", "")),
        ("/订?a=单", ("/%E8%AE%A2", "a=%E5%8D%95")),
        ("/\udcff", ("/%FF", "")),
    ],
)
def test_a_target_is_split_and_nothing_else(raw: str, split: tuple[str, str]) -> None:
    """No dots are resolved, nothing is decoded; only what no URL may hold is encoded."""
    assert split_target(raw) == split
