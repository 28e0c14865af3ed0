"""The members of an input that stand in the path, the query string and the headers of a request."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from masugata.wire._documents import refused
from masugata.wire._texts import Read, malformed, reader
from masugata.wire.awsjson import load_document
from masugata.wire.form import query_pairs
from masugata.wire.message import HttpRequest
from masugata.wire.models import Operation, Reference, ServiceModel, Shape
from masugata.wire.uris import template

Bind: TypeAlias = Callable[[HttpRequest, dict[str, Any]], None]
"""Puts what a request says of some members into a value."""


def compile_bindings(model: ServiceModel, operation: Operation, shape: Shape) -> list[Bind]:
    """One function for each part of the request that holds members of the input."""
    by_location: dict[str, dict[str, Reference]] = {}
    for name, reference in shape.members.items():
        if reference.location is not None:
            by_location.setdefault(reference.location, {})[name] = reference
    return [
        compile_part(model, operation, by_location[location])
        for location, compile_part in _PARTS.items()
        if location in by_location
    ]


def _labels(model: ServiceModel, operation: Operation, members: Mapping[str, Reference]) -> Bind:
    uri = template(operation.path)
    reads = {
        reference.location_name or name: (name, _scalar(model, reference, "iso8601"))
        for name, reference in members.items()
    }

    def bind(request: HttpRequest, value: dict[str, Any]) -> None:
        labels = uri.labels_of(request.path)
        if labels is None:
            raise malformed("the path is not that of the operation")
        for label, text in labels.items():
            name, read = reads[label]
            value[name] = read(text)

    return bind


def _query(model: ServiceModel, operation: Operation, members: Mapping[str, Reference]) -> Bind:
    reads: dict[str, tuple[str, Read, bool]] = {}
    maps: list[tuple[str, bool]] = []
    for name, reference in members.items():
        shape, key = model.shape(reference.shape), reference.location_name or name
        if shape.type == "map":
            maps.append((name, model.shape(shape.element("value").shape).type == "list"))
        elif shape.type == "list":
            reads[key] = (name, _scalar(model, shape.element("member"), "iso8601"), True)
        else:
            reads[key] = (name, _scalar(model, reference, "iso8601"), False)
    constants = template(operation.path).constants

    def bind(request: HttpRequest, value: dict[str, Any]) -> None:
        others = []
        for key, text in query_pairs(request.query):
            if key in reads:
                name, read, many = reads[key]
                if many:
                    value.setdefault(name, []).append(read(text))
                else:
                    _put(value, name, read(text), key)
            elif key not in constants and not key.startswith("X-Amz-"):
                others.append((key, text))
        for name, many in maps if others else ():
            value[name] = _query_map(others, many=many)

    return bind


def _put(into: dict[str, Any], name: str, value: Any, key: str) -> None:
    if name in into:
        raise malformed(f"`{key[:128]}` is given more than once")
    into[name] = value


def _query_map(pairs: list[tuple[str, str]], *, many: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, text in pairs:
        if many:
            found.setdefault(key, []).append(text)
        else:
            _put(found, key, text, key)
    return found


def _headers(model: ServiceModel, operation: Operation, members: Mapping[str, Reference]) -> Bind:
    del operation
    reads = {
        (reference.location_name or name).lower(): (name, _header(model, reference))
        for name, reference in members.items()
    }

    def bind(request: HttpRequest, value: dict[str, Any]) -> None:
        for key, text in request.headers:
            if key in reads:
                name, read = reads[key]
                _put(value, name, read(text.strip(" \t")), key)

    return bind


def _header_maps(model: ServiceModel, operation: Operation, members: Mapping[str, Reference]) -> Bind:
    del model, operation
    prefixes = [(name, (reference.location_name or "").lower()) for name, reference in members.items()]

    def bind(request: HttpRequest, value: dict[str, Any]) -> None:
        for name, prefix in prefixes:
            found: dict[str, str] = {}
            for key, text in request.headers:
                if key.startswith(prefix):
                    _put(found, key.removeprefix(prefix), text.strip(" \t"), key)
            if found:
                value[name] = found

    return bind


_PARTS: Mapping[str, Callable[[ServiceModel, Operation, Mapping[str, Reference]], Bind]] = {
    "uri": _labels,
    "querystring": _query,
    "header": _headers,
    "headers": _header_maps,
}


def _scalar(model: ServiceModel, reference: Reference, timestamps: str) -> Read:
    return reader(model.shape(reference.shape), reference.timestamp_format or timestamps)


def _header(model: ServiceModel, reference: Reference) -> Read:
    if reference.json_value:
        return _json_value
    shape = model.shape(reference.shape)
    if shape.type != "list":
        return _scalar(model, reference, "rfc822")
    element = shape.element("member")
    read = _scalar(model, element, "rfc822")
    if model.shape(element.shape).type == "timestamp" and (element.timestamp_format or "rfc822") == "rfc822":
        # A date has a comma of its own.
        return lambda text: [read(f"{day},{rest}") for day, rest in _pairs_of(text.split(","))]
    return lambda text: [read(item) for item in split_list(text)]


def _pairs_of(items: list[str]) -> list[tuple[str, str]]:
    if len(items) % 2:
        raise malformed("a list of dates has an odd number of commas")
    return [(day.strip(), rest) for day, rest in zip(items[::2], items[1::2], strict=True)]


def split_list(text: str) -> list[str]:
    r"""The elements of a list in a header, `a, "b,c", "d\"e"`; AwsError MalformedInput for broken quotes."""
    items: list[str] = []
    place = 0
    while place <= len(text):
        while text[place : place + 1] in (" ", "\t"):
            place += 1
        if text[place : place + 1] == '"':
            item, place = _quoted(text, place + 1)
        else:
            end = text.find(",", place)
            end = len(text) if end < 0 else end
            item, place = text[place:end].rstrip(" \t"), end
        items.append(item)
        place += 1
    return items


def _quoted(text: str, place: int) -> tuple[str, int]:
    """The quoted text that begins at `place`, and where the comma after it stands."""
    characters: list[str] = []
    while text[place : place + 1] not in ('"', ""):
        place += text[place] == "\\" and text[place + 1 : place + 2] in ('"', "\\")
        characters.append(text[place])
        place += 1
    end = place + 1
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    if place >= len(text) or text[end : end + 1] not in (",", ""):
        raise malformed("a list in a header has broken quotes")
    return "".join(characters), end


def _json_value(text: str) -> Any:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise refused("the header is not JSON in base64") from error
    return load_document(raw)
