"""Fields that many messages have: ids, times, enums."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from server.domain.errors import DomainError, ValidationError

Word = TypeVar("Word", bound=StrEnum)
Number_co = TypeVar("Number_co", bound=int, covariant=True)
Number = TypeVar("Number", bound=int)


class ContractEnum(Protocol[Number_co]):
    """An enum of the contract, as it is generated."""

    def Value(self, name: str) -> Number_co:
        """The number of a value's name."""
        ...


def uuid_or(text: str, missing: DomainError) -> UUID:
    """An object's id from its path. What is no UUID names no object: raises `missing`."""
    try:
        parsed = UUID(text)
    except ValueError:
        raise missing from None
    if str(parsed) != text.lower():
        raise missing
    return parsed


def timestamp(moment: datetime) -> Timestamp:
    """A resource's time, which has whole seconds."""
    return Timestamp(seconds=int(moment.timestamp()))


def moment(stamp: Timestamp, field: str) -> datetime:
    """A time of a request, UTC. Raises ValidationError naming `field` for numbers that are no time, which only gRPC's callers can send."""
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except ValueError:
        raise ValidationError(field, "must be a time from the year 1 to the year 9999") from None


def numbers_of(words: type[Word], contract: ContractEnum[Number], prefix: str) -> dict[Word, Number]:
    """The contract's number of each word of a closed set, by their names. A word that the contract lacks is an error at import."""
    return {word: contract.Value(f"{prefix}_{word.name}") for word in words}


def words_of(words: type[Word], contract: ContractEnum[Number], prefix: str) -> dict[Number, Word]:
    """The word of each of the contract's numbers; UNSPECIFIED has none."""
    return {number: word for word, number in numbers_of(words, contract, prefix).items()}


def optional_uuid(text: str) -> UUID | None:
    """A UUID that the contract's rules have checked; empty is none."""
    return UUID(text) if text else None
