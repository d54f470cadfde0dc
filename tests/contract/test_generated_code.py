"""A change of the protos without `make generate` must not get past `make check`."""

from pathlib import Path

import pytest

from scripts.generate import differences


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    """A freshly generated tree and a committed one with the same content."""
    for tree in ("fresh", "committed"):
        folder = tmp_path / tree / "sycee" / "v1"
        folder.mkdir(parents=True)
        (folder / "payment_pb2.py").write_text("1", encoding="utf-8")
        (folder / "payment_pb2.pyi").write_text("1", encoding="utf-8")
    return tmp_path / "fresh", tmp_path / "committed"


def test_equal_trees_have_no_differences(trees: tuple[Path, Path]) -> None:
    """Hand-written neighbours such as py.typed are none of the generator's business."""
    fresh, committed = trees
    (committed / "sycee" / "v1" / "py.typed").touch()
    assert differences(fresh, committed) == []


def test_each_kind_of_staleness_is_named(trees: tuple[Path, Path]) -> None:
    """A file that is missing, left over or different is told apart, so that the reader knows what happened."""
    fresh, committed = trees
    (committed / "sycee" / "v1" / "payment_pb2.py").write_text("2", encoding="utf-8")
    (committed / "sycee" / "v1" / "payment_pb2.pyi").rename(committed / "sycee" / "v1" / "refund_pb2.pyi")
    assert differences(fresh, committed) == [
        "missing: sycee/v1/payment_pb2.pyi",
        "left over: sycee/v1/refund_pb2.pyi",
        "stale: sycee/v1/payment_pb2.py",
    ]
