"""Fuzz target: whatever bytes arrive as CBOR, they are read within bounds, or refused with an AwsError.

What is read is sound: texts as keys, no key twice, nothing but the types of CBOR and tag 1. Of what two
operations make of it, every value has the type that the model says.
"""

from datetime import datetime
from typing import Any

from masugata.errors import AwsError
from masugata.wire import HttpRequest, ServiceModel, load_service, serialize_error
from masugata.wire.cbor import compile_request, load

MAX_DEPTH = 100
OPERATIONS = (("shield", "ListAttacks"), ("cloudwatch", "PutMetricData"), ("fms", "PutPolicy"))
SEEDS = (
    b"\xa0",
    b"\xbf\x69NextToken\x7f\x61a\x61b\xff\x6aMaxResults\x19\x01\x2c\xff",
    b"\xa1\x69StartTime\xa2\x6dFromInclusive\xc1\xfb\x41\xda\x46\x6d\x9e\x50\x00\x00\x6bToExclusive\xc1\x07",
    b"\xa2\x69Namespace\x61n\x6aMetricData\x81\xa2\x6aMetricName\x61m\x65Value\xfb\x3f\xf8\x00\x00\x00\x00\x00\x00",
    b"\xa1\x6aMetricData\x9f\xbf\x66Values\x9f\xf9\x3c\x00\xfa\x3f\x80\x00\x00\x01\x20\xff\xff\xff",
    b"\xa1\x66Policy\xa3\x6aPolicyName\x61p\x72RemediationEnabled\xf5\x6fExcludeResource\xf6",
)
PIECES = (
    b"\xff", b"\xbf", b"\x9f", b"\x7f", b"\x5f", b"\xa1\x61a", b"\x81", b"\xc1", b"\xc2\x41\x01", b"\xf7",
    b"\xd8\x1c", b"\xd8\x1d\x00", b"\xd9\xd9\xf7", b"\x5b" + b"\x7f" * 8, b"\x9a\x7f\xff\xff\xff",
    b"\x81" * 120,
    b"\xf9\x7e\x00", b"\xf8\xff", b"\x1b" + b"\xff" * 8, b"\x61\xff",
)  # fmt: skip
_TYPES = {
    "string": str, "character": str, "integer": int, "long": int, "float": float, "double": float,
    "boolean": bool, "blob": bytes, "timestamp": datetime, "list": list, "map": dict, "structure": dict,
}  # fmt: skip


def check_sound(item: Any, depth: int = 1) -> None:
    """What was read has bounds, and only texts as keys."""
    if depth > MAX_DEPTH + 1:
        raise AssertionError("deeper than the limit")
    if isinstance(item, dict):
        for key, value in item.items():
            if type(key) is not str:
                raise AssertionError(f"the key {key!r}")
            check_sound(value, depth + 1)
    elif isinstance(item, list):
        for value in item:
            check_sound(value, depth + 1)


def check_typed(model: ServiceModel, shape_name: str, value: Any) -> None:
    """Every value has the type of its shape."""
    shape = model.shape(shape_name)
    if type(value) is not _TYPES[shape.type]:
        raise AssertionError(f"{shape.name} became {value!r}")
    if shape.type == "structure":
        for name, item in value.items():
            check_typed(model, shape.members[name].shape, item)
    elif shape.member is not None:
        for item in value:
            check_typed(model, shape.member.shape, item)
    elif shape.value is not None:
        for item in value.values():
            check_typed(model, shape.value.shape, item)


def fuzz_one(data: bytes) -> None:
    """One body, read as it is and as the input of a few operations."""
    try:
        item = load(data)
    except AwsError as error:
        serialize_error(error, "rpc-v2-cbor", "shield", None, "request-1")
        return
    check_sound(item)
    headers = (("content-type", "application/cbor"),)
    for service, name in OPERATIONS:
        model = load_service(service)
        operation = model.operation(name)
        try:
            value = compile_request(model, operation)(
                HttpRequest(method="POST", path="/", headers=headers, body=data)
            )
        except AwsError:
            continue
        check_typed(model, operation.input or "", value)
