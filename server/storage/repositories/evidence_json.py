"""Evidence as JSON and back."""

from collections.abc import Mapping
from dataclasses import fields
from uuid import UUID

from server.domain.evidence import Evidence

_FILE = "uncategorized_file"


def json_of_evidence(evidence: Evidence) -> dict[str, str]:
    """What the evidence says."""
    said = {each.name: getattr(evidence, each.name) for each in fields(evidence)}
    return {name: str(value) for name, value in said.items() if value is not None}


def evidence_of_json(json: Mapping[str, str]) -> Evidence:
    """The evidence that `json_of_evidence` made the JSON of."""
    texts = {name: value for name, value in json.items() if name != _FILE}
    return Evidence(**texts, uncategorized_file=UUID(json[_FILE]) if _FILE in json else None)
