"""Requests as the query and json protocols carry them.

Specifications: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, aws-json-1_1-protocol.html
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from masugata.wire import HttpRequest, ServiceModel

_FORM = "application/x-www-form-urlencoded; charset=utf-8"


def encoded(model: ServiceModel, operation: str, request: Mapping[str, Any], host: str) -> HttpRequest:
    """The unsigned request; `request` has texts, numbers, truth values, lists and structures of them.

    Raises ValueError for what the operation does not have: what is not sent must not be taken for sent.
    """
    shape = model.operation(operation).input
    _check(model, shape, request, operation)
    headers = [("host", host)]
    if "query" in model.protocols:
        pairs = [("Action", operation), ("Version", model.api_version)]
        if shape is not None:
            pairs += _parameters(model, shape, request, "")
        headers.append(("content-type", _FORM))
        body = urlencode(pairs).encode()
    else:
        version = "1.0" if "json-1.0" in model.protocols else "1.1"
        headers.append(("content-type", f"application/x-amz-json-{version}"))
        headers.append(("x-amz-target", f"{model.target_prefix}.{operation}"))
        body = orjson.dumps(request)
    return HttpRequest(method="POST", path="/", headers=tuple(headers), body=body)


def _check(model: ServiceModel, shape: str | None, request: Mapping[str, Any], operation: str) -> None:
    known = model.shape(shape).members if shape is not None else {}
    for name in request:
        if name not in known:
            raise ValueError(f"the operation `{operation}` takes no `{name}`")


def _parameters(model: ServiceModel, shape_name: str, value: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """The parameters of a value, as `Tags.member.1.Key`; an empty list is sent as one without elements."""
    shape = model.shape(shape_name)
    if shape.type == "structure":
        for name, item in value.items():
            member = shape.members[name]
            below = f"{prefix}.{member.location_name or name}" if prefix else member.location_name or name
            yield from _parameters(model, member.shape, item, below)
    elif shape.type == "list":
        element = shape.element("member")
        inner = f"{prefix}.{element.location_name or 'member'}"
        if not value:
            yield prefix, ""
        for index, item in enumerate(value, 1):
            yield from _parameters(model, element.shape, item, f"{inner}.{index}")
    elif isinstance(value, bool):
        yield prefix, "true" if value else "false"
    elif isinstance(value, str | int):
        yield prefix, str(value)
    else:
        raise ValueError(f"`{prefix}` cannot be sent: it is of type {type(value).__name__}")
