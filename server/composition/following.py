"""Which lists of gateways are followed."""

from collections.abc import Mapping
from types import MappingProxyType

from gateways.registry import CAPABILITIES
from server.domain.gateway import Capabilities
from server.domain.jobs import JobKind


def _kinds(can: Capabilities) -> tuple[JobKind, ...]:
    has = {
        JobKind.FOLLOW_PAYOUTS: can.payouts,
        JobKind.FOLLOW_DISPUTES: can.disputes,
        JobKind.FOLLOW_OWN_MOVEMENTS: can.own_movements,
    }
    return tuple(kind for kind, is_there in has.items() if is_there)


FOLLOWED: Mapping[str, tuple[JobKind, ...]] = MappingProxyType(
    {name: kinds for name, can in CAPABILITIES.items() if (kinds := _kinds(can))}
)
"""The jobs that read each gateway's lists, of those that have one."""
