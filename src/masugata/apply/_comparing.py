"""Comparing what is described with what is there, and the requests that follow from it."""

import difflib
from collections.abc import Iterator
from typing import Any

import orjson

from masugata.apply.changes import Late, Names
from masugata.apply.description import Document
from masugata.apply.references import compact, narrowed, rendered

_MOST_LINES = 60


def content(document: Document, names: Names) -> Any:
    """A policy with the ids that are known."""
    return rendered(document.content, names.lookup_or_name)


def sent(document: Document, *, declarative: bool = False) -> Late:
    """A policy in a request."""
    shown = compact(document.content)
    if declarative:
        return Late(shown, lambda names: compact(rendered(document.content, names.lookup)))
    return Late(shown, lambda names: narrowed(compact(rendered(document.content, names.lookup))))


def same(document: Document, live: Document, names: Names) -> bool:
    """Whether two policies are the same but for white space and the order of members."""
    return bool(content(document, names) == live.content)


def differences(document: Document, live: Document, names: Names) -> tuple[str, ...]:
    """Lines that differ, marked with `-` and `+`, for people."""
    lines = list(_lines(live.content, content(document, names)))
    return tuple([*lines[:_MOST_LINES], "…"] if len(lines) > _MOST_LINES else lines)


def _lines(before: Any, after: Any) -> Iterator[str]:
    for line in difflib.unified_diff(_text(before), _text(after), lineterm="", n=1):
        if not line.startswith(("---", "+++", "@@")):
            yield line


def _text(value: Any) -> list[str]:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode().splitlines()


def denies(document: Document | None) -> bool:
    """Whether a policy has a statement that denies."""
    value = None if document is None else document.content
    statements = value.get("Statement") if isinstance(value, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    return any(isinstance(one, dict) and one.get("Effect") == "Deny" for one in listed)
