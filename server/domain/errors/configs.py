"""A gateway that is not there, is not configured, or lacks what is asked of it."""

from collections.abc import Sequence

from server.domain.errors.refusal import DomainError, FieldError


class GatewayUnsupported(FieldError):
    """A gateway that does not exist."""

    reason = "GATEWAY_UNSUPPORTED"

    def __init__(self, field: str = "gateway") -> None:
        super().__init__(field, "there is no such gateway")


class GatewayNotEnabled(DomainError):
    """A gateway that is not configured or is switched off."""

    reason = "GATEWAY_NOT_ENABLED"

    def __init__(self, gateway: str) -> None:
        super().__init__(f"the gateway {gateway} is not configured or is switched off", gateway=gateway)


class ConfigFieldsMissing(DomainError):
    """A gateway's configuration without required settings; all of them are named."""

    reason = "CONFIG_FIELDS_MISSING"

    def __init__(self, names: Sequence[str]) -> None:
        fields = ", ".join(names)
        super().__init__(f"the configuration lacks {fields}", fields=fields)


class NotSupported(DomainError):
    """A capability that the gateway lacks."""

    reason = "NOT_SUPPORTED"

    def __init__(self, gateway: str, capability: str) -> None:
        super().__init__(f"the gateway {gateway} does not support {capability}", gateway=gateway, capability=capability)
