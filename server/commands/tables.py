"""Readable tables on a terminal."""

import unicodedata
from collections.abc import Sequence


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under headings in columns as wide as their widest cell; a Chinese character takes two places."""
    widths = [max(_width(line[column]) for line in (headings, *rows)) for column in range(len(headings))]
    lines = [
        _line(headings, widths),
        _line(["─" * width for width in widths], widths),
        *(_line(row, widths) for row in rows),
    ]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
