"""A line of the demo's table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """What a story is called, which face it went through and what the face answered; `right` when that was as it should be."""

    scene: str
    over: str
    answer: str
    right: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the demo's table; `right` says whether the story ended as it should."""

    told: Told
    became: str
    at_gateway: str
    right: bool
