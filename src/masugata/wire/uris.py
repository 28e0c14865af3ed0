"""The URI templates of services that are called by path, and which operation a path is for.

Matching is on the raw path: `/tags/arn%3Aaws…%2Fabc` is one label with a slash in it.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from masugata.errors import AwsError
from masugata.wire.form import query_pairs
from masugata.wire.message import HttpRequest
from masugata.wire.models import Operation, ServiceModel, load_service

_LABEL = re.compile(r"\{([^{}+]+)(\+?)\}")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Template(msgspec.Struct, frozen=True):
    """One template: a pattern for raw paths, its labels' names, and the constants of its query string.

    A constant of None must be there with any value. `rank` orders templates that match the same path,
    the most specific first: literals before labels, labels before greedy ones, then more constants.
    """

    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    constants: Mapping[str, str | None]
    first: str
    rank: tuple[Any, ...]

    def labels_of(self, path: str) -> dict[str, str] | None:
        """The decoded labels of a raw path, or None where it does not match."""
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        return {name: _decoded(text) for name, text in zip(self.labels, found.groups(), strict=True)}


@lru_cache(maxsize=4096)
def template(uri: str) -> Template:
    """The template of a model's `requestUri`."""
    path, _, query = uri.partition("?")
    constants = {}
    for part in query.split("&") if query else ():
        name, given, value = part.partition("=")
        constants[name] = value if given else None
    segments = path.split("/")[1:]
    found = [_LABEL.fullmatch(segment) for segment in segments]
    # One greedy label at most: the pattern cannot backtrack over more than one `.+`.
    pattern = "".join(
        "/" + (re.escape(segment) if label is None else "(.+)" if label[2] else "([^/]+)")
        for segment, label in zip(segments, found, strict=True)
    )
    # After all labels being equal, what goes on is more specific than what ends.
    ranks = (*(0 if label is None else 2 if label[2] else 1 for label in found), 3)
    return Template(
        pattern=re.compile(pattern, re.DOTALL),
        labels=tuple(label[1] for label in found if label is not None),
        constants=constants,
        first=segments[0] if found[0] is None else "",
        rank=(ranks, -len(constants)),
    )


class _Entry(msgspec.Struct, frozen=True):
    """One operation with what its input must have in the query string and in headers."""

    operation: str
    template: Template
    query: frozenset[str]
    headers: frozenset[str]
    deprecated: bool


class Matcher:
    """Finds the operations of one service by method, path, query string and headers."""

    def __init__(self, model: ServiceModel) -> None:
        self._entries: dict[tuple[str, str], list[_Entry]] = {}
        for name in sorted(model.operation_names):
            operation = model.operation(name)
            entry = _entry(model, operation)
            self._entries.setdefault((operation.method, entry.template.first), []).append(entry)
        for entries in self._entries.values():
            entries.sort(key=lambda entry: entry.template.rank)

    def operation(self, request: HttpRequest) -> str | None:
        """The operation that the request is for, or None; AwsError for a query string that is not sound."""
        first = request.path.split("/", 2)[1] if request.path.startswith("/") else ""
        candidates = [
            entry
            for key in dict.fromkeys((first, ""))
            for entry in self._entries.get((request.method, key), ())
            if entry.template.pattern.fullmatch(request.path)
        ]
        if not candidates:
            return None
        query: dict[str, list[str]] = {}
        for name, value in query_pairs(request.query):
            query.setdefault(name, []).append(value)
        headers = {name for name, _ in request.headers}
        fitting = [entry for entry in candidates if _has_constants(entry.template, query)]
        if not fitting:
            return None
        return min(fitting, key=lambda entry: _preference(entry, query.keys(), headers)).operation


def _preference(entry: _Entry, query: AbstractSet[str], headers: AbstractSet[str]) -> tuple[Any, ...]:
    """Of several operations with one path, first the one with the most required parameters, all there."""
    complete = entry.query <= query and entry.headers <= headers
    required = len(entry.query) + len(entry.headers)
    return (entry.template.rank, not complete, -required, entry.deprecated, entry.operation)


def _entry(model: ServiceModel, operation: Operation) -> _Entry:
    shape = None if operation.input is None else model.shape(operation.input)
    required = [] if shape is None else [(name, shape.members[name]) for name in shape.required]
    return _Entry(
        operation=operation.name,
        template=template(operation.path),
        query=frozenset(
            member.location_name or name for name, member in required if member.location == "querystring"
        ),
        headers=frozenset(
            (member.location_name or name).lower() for name, member in required if member.location == "header"
        ),
        deprecated=operation.deprecated,
    )


@lru_cache(maxsize=64)
def matcher(service: str) -> Matcher:
    """The matcher of that service's newest model, made when it is first asked for."""
    return Matcher(load_service(service))


def _has_constants(of: Template, query: Mapping[str, list[str]]) -> bool:
    """Whether each constant is there once: a signature covers parameters in any order."""
    return all(
        len(query.get(name, ())) == 1 and (value is None or query[name] == [value])
        for name, value in of.constants.items()
    )


def _decoded(text: str) -> str:
    if "%" not in text and text.isascii():
        return text
    if _BAD_ESCAPE.search(text):
        raise AwsError("MalformedInput", "the path has an invalid escape")
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeError as error:
        raise AwsError("MalformedInput", "the path is not UTF-8") from error
