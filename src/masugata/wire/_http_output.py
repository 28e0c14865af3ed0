"""The members of an output that stand in the status and the headers of an answer."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import orjson

from masugata.wire._documents import OutputError
from masugata.wire._texts import Write, writer
from masugata.wire.models import Reference, ServiceModel, Shape

Headers: TypeAlias = tuple[tuple[str, str], ...]

# What a header cannot carry; a line end would begin another header, or another answer.
_FORBIDDEN = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def compile_status(shape: Shape, default: int) -> Callable[[Mapping[str, Any]], int]:
    """A function from an output to its status: that of the member which is the status, or `default`."""
    members = [name for name, reference in shape.members.items() if reference.location == "statusCode"]
    if not members:
        return lambda _output: default
    member = members[0]

    def status(output: Mapping[str, Any]) -> int:
        found = output.get(member, default)
        if not isinstance(found, int) or not 200 <= found <= 599:
            raise OutputError(f"`{member}` of `{shape.name}` is no HTTP status")
        return found

    return status


def compile_headers(model: ServiceModel, shape: Shape) -> Callable[[Mapping[str, Any]], Headers]:
    """A function from a structure to the headers that carry its members; OutputError where one cannot."""
    singles = [
        (name, reference.location_name or name, _header(model, reference))
        for name, reference in shape.members.items()
        if reference.location == "header"
    ]
    maps = [
        (name, reference.location_name or "")
        for name, reference in shape.members.items()
        if reference.location == "headers"
    ]
    if not singles and not maps:
        return lambda _output: ()

    def headers(output: Mapping[str, Any]) -> Headers:
        found = [
            checked(header, write(output[name]))
            for name, header, write in singles
            if output.get(name) is not None
        ]
        for name, prefix in maps:
            found += [checked(prefix + key, value) for key, value in (output.get(name) or {}).items()]
        return tuple(found)

    return headers


def checked(name: str, value: str) -> tuple[str, str]:
    """The header, which must not be more than one."""
    if not _NAME.fullmatch(name) or _FORBIDDEN.search(value):
        raise OutputError(f"the header `{name[:128]}` cannot carry its value")
    return name, value


def _header(model: ServiceModel, reference: Reference) -> Write:
    if reference.json_value:
        return lambda value: base64.b64encode(orjson.dumps(value)).decode()
    shape = model.shape(reference.shape)
    if shape.type != "list":
        return writer(shape, reference.timestamp_format or "rfc822")
    element = shape.element("member")
    write = writer(model.shape(element.shape), element.timestamp_format or "rfc822")
    if model.shape(element.shape).type in ("string", "character"):
        return lambda value: ",".join([_quoted(write(item)) for item in value])
    return lambda value: ",".join([write(item) for item in value])


def _quoted(text: str) -> str:
    if '"' not in text and "," not in text and text == text.strip():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
