"""Stripe's limits on metadata: 50 keys, 40 characters a key, 500 a value."""

from collections.abc import Mapping

from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.schema.params import Params

_MOST_KEYS = 50
_KEY_CHARACTERS = 40
_VALUE_CHARACTERS = 500


def updated_metadata(params: Params, current: Mapping[str, str]) -> dict[str, str]:
    """The metadata after a call: given keys are set, keys given empty are removed, an empty `metadata` clears all."""
    given = params.group("metadata")
    if given is None:
        return {} if "metadata" in params else dict(current)
    metadata = dict(current)
    for key in given.names():
        param = given.name(key)
        value = given.text(key)
        if value is None:
            metadata.pop(key, None)
            continue
        if len(key) > _KEY_CHARACTERS:
            raise InvalidParameter(
                f"Metadata keys can be up to {_KEY_CHARACTERS} characters, but you passed in a key that is"
                f" {len(key)} characters. Invalid key: {key}",
                None,
                param,
            )
        if len(value) > _VALUE_CHARACTERS:
            raise InvalidParameter(
                f"Metadata values can have up to {_VALUE_CHARACTERS} characters, but you passed in a value that is"
                f" {len(value)} characters. Invalid value: {value}",
                None,
                param,
            )
        metadata[key] = value
    if len(metadata) > _MOST_KEYS:
        raise InvalidParameter(
            f"Metadata can have up to {_MOST_KEYS} keys, but you passed in {len(metadata)}.", None, "metadata"
        )
    return metadata
