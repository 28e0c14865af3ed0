"""The compiled checks against a slow walk over the model that says the same."""

from contextlib import suppress
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from masugata.wire.constraints import compile_constraints
from masugata.wire.models import ServiceModel, Shape, load_service
from masugata.wire.patterns import UnsupportedPatternError, compile_pattern
from property.wire.client import client_model
from property.wire.test_round_trip import SERVICES
from property.wire.values import Maker


def own(shape: Shape, value: Any) -> set[str]:
    """What the value itself breaks, without what is below it."""
    found = set()
    measured = None
    if shape.type in ("string", "blob", "list", "map"):
        measured = len(value)
    elif shape.type in ("integer", "long", "float", "double"):
        measured = value
    if measured is not None:
        if shape.minimum is not None and measured < shape.minimum:
            found.add("greater")
        if shape.maximum is not None and measured > shape.maximum:
            found.add("less")
    if shape.type == "string":
        # A pattern that cannot be matched in linear time is not checked; tests/unit lists those.
        with suppress(UnsupportedPatternError):
            if shape.pattern is not None and not compile_pattern(shape.pattern)(value):
                found.add("pattern")
        if shape.enum and value not in shape.enum:
            found.add("enum")
    return found


def broken(model: ServiceModel, shape_name: str, value: Any, path: str = "") -> set[tuple[str, str]]:
    """All broken constraints as path and kind, straight from the model's traits."""
    shape = model.shape(shape_name)
    if shape.document:
        return set()
    found = {(path, kind) for kind in own(shape, value)}
    if shape.type == "structure":
        for name in shape.required:
            if name not in value:
                found.add((_below(path, name), "null"))
        for name, item in value.items():
            found |= broken(model, shape.members[name].shape, item, _below(path, name))
    if shape.type == "list" and shape.member is not None:
        for number, item in enumerate(value, 1):
            found |= broken(model, shape.member.shape, item, f"{path}.{number}.member")
    if shape.type == "map" and shape.key is not None and shape.value is not None:
        for key, item in value.items():
            found |= {(f"{path}.keys", "keys") for _ in broken(model, shape.key.shape, key)}
            found |= broken(model, shape.value.shape, item, f"{path}.{key}.member")
    return found


def _below(path: str, name: str) -> str:
    lower = name[0].lower() + name[1:]
    return f"{path}.{lower}" if path else lower


@settings(max_examples=300, deadline=None)
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_the_compiled_check_finds_what_the_model_says(data: st.DataObject, random: Random) -> None:
    """A value is refused if and only if the walk finds something, and every reported path is one of its."""
    service = data.draw(st.sampled_from(SERVICES))
    name = data.draw(st.sampled_from(client_model(service).operation_names))
    operation = client_model(service).operation_model(name)
    model = load_service(service)
    if operation.input_shape is None:
        return
    value = Maker(random, dense=False, controls=True, full=False).make(operation.input_shape)
    expected = broken(model, operation.input_shape.name, value)
    check = compile_constraints(model, operation.input_shape.name)
    violations = (check(value) if check is not None else None) or []
    assert bool(violations) == bool(expected)
    paths = {path for path, _ in expected}
    for violation in violations:
        assert any(path == violation.path or path.startswith(f"{violation.path}.") for path in paths)
    if len(violations) < 10 and not any(violation.whole for violation in violations):
        reported = {violation.path for violation in violations}
        for path in paths:
            assert any(path == found or path.startswith(f"{found}.") for found in reported)
