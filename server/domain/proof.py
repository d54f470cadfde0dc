"""The proof of the books: what was checked, and every two figures that should agree and don't."""

from dataclasses import dataclass
from datetime import datetime

NO_CURRENCY = "XXX"
"""ISO 4217's code where no currency is involved."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Two figures in minor units that do not agree. `subject` is an account's name, a trigger's, or the id of what the figure is of."""

    rule: str
    subject: str
    currency: str
    expected_minor: int
    actual_minor: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What looking through a merchant's books has found; the first discrepancies alone, if there are many."""

    entries_checked: int
    accounts_checked: int
    discrepancies: tuple[Discrepancy, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """Findings, and when the books were looked through."""

    findings: Findings
    at: datetime

    @property
    def balanced(self) -> bool:
        """Whether nothing contradicts."""
        return not self.findings.discrepancies
