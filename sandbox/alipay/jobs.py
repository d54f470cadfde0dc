"""What the simulated Alipay does by itself when a time has come."""

from collections.abc import Callable, Mapping

from sandbox.alipay.books import Books
from sandbox.alipay.calls import freezing, lifecycle

JOBS: Mapping[str, Callable[[Books, str], None]] = {
    lifecycle.EXPIRE_JOB: lifecycle.expire,
    lifecycle.FINISH_JOB: lifecycle.finish,
    freezing.EXPIRE_JOB: freezing.expire,
}
