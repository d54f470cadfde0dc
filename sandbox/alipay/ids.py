"""Numbers in Alipay's form: digits that begin with the day at GMT+8."""

import secrets

from sandbox.alipay.times import written


def _day(now: int) -> str:
    return written(now)[:10].replace("-", "")


def new_trade_no(now: int) -> str:
    return f"{_day(now)}22001{secrets.randbelow(10**15):015d}"


def new_auth_no(now: int) -> str:
    return f"{_day(now)}10002001{secrets.randbelow(10**12):012d}"


def new_operation_id(now: int) -> str:
    return f"{_day(now)}{secrets.randbelow(10**12):012d}"


def new_notify_id(now: int) -> str:
    return f"{_day(now)}00222{secrets.token_hex(16)}"


def new_complaint_id(now: int) -> str:
    return f"{_day(now)}00102000{secrets.randbelow(10**12):012d}"


def new_consumer_complaint_id() -> str:
    return str(10**9 + secrets.randbelow(9 * 10**9))


def new_task_id(now: int) -> str:
    return f"{_day(now)}{secrets.randbelow(10**16):016d}"


def new_image_id() -> str:
    return f"A*{secrets.token_urlsafe(12)}AAAAAAAAAAAAAAAADsJ2AA"


def new_page_key() -> str:
    return secrets.token_urlsafe(18)
