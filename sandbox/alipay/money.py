"""Amounts as Alipay writes them: yuan with at most two decimals, kept here in fen."""

import re

MOST_FEN = 100_000_000_00
_FORM = re.compile(r"(0|[1-9]\d{0,8})(?:\.(\d{1,2}))?")


def fen_of(text: str) -> int:
    """Raises `ValueError` unless it is an amount between 0.01 and 100000000 yuan."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(text)
    fen = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if not 1 <= fen <= MOST_FEN:
        raise ValueError(text)
    return fen


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
