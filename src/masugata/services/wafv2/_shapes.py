"""Structs as AWS's API answers them."""

from typing import Any

import msgspec

_EMPTY: tuple[object, ...] = (None, (), {})


def shape(value: Any) -> Any:
    """A struct as a mapping by AWS's names, without what is absent or empty but with all other defaults.

    AWS answers EvaluationWindowSec or SensitivityLevel also where nobody set it, and whoever set it to the
    default has to find it again.
    """
    if isinstance(value, msgspec.Struct):
        return {
            field.encode_name: shape(inner)
            for field in msgspec.structs.fields(value)
            if (inner := getattr(value, field.name)) not in _EMPTY
        }
    if isinstance(value, tuple):
        return [shape(inner) for inner in value]
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return value
