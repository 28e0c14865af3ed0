"""Comparing what is described with what is there, and the requests that follow from it."""

import difflib
from collections.abc import Iterator
from enum import Enum, auto
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


class Effect(Enum):
    """What exchanging one policy for another can do to what somebody may do."""

    TIGHTENS = auto()
    LOOSENS = auto()
    BOTH = auto()


def effect(document: Document, live: Document, names: Names) -> Effect:
    """By whole statements: one that is changed is one that goes and one that comes."""
    before, after = _statements(live.content), _statements(content(document, names))
    come = [one.get("Effect") for one in after if one not in before]
    gone = [one.get("Effect") for one in before if one not in after]
    if "Allow" not in come and "Deny" not in gone:
        return Effect.TIGHTENS
    return Effect.LOOSENS if "Deny" not in come and "Allow" not in gone else Effect.BOTH


def _statements(value: Any) -> list[dict[str, Any]]:
    found = value.get("Statement") if isinstance(value, dict) else None
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def denies(document: Document | None) -> bool:
    """Whether a policy has a statement that denies."""
    statements = [] if document is None else _statements(document.content)
    return any(one.get("Effect") == "Deny" for one in statements)
