"""Two versions of a policy: reading them, comparing them, and what is shown of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from masugata.cli._offline import allowance, why
from masugata.cli._question import read_policy
from masugata.cli._universe import universe
from masugata.engines.policy import PolicySet, PolicyType, compile_policy
from masugata.engines.policy.comparison import Comparison, NewPermission, compare
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.errors import MasugataError

_SHOWN = 6  # actions


class Side(NamedTuple):
    """One version: the texts of its policies by the names of their files."""

    texts: Mapping[str, str]


def read_side(path: Path) -> Side:
    """A file, or all `.json` files in a folder and in those below it; raises `MasugataError`."""
    if not path.is_dir():
        return Side({str(path): read_policy(path)})
    found = sorted(path.rglob("*.json"))
    if not found:
        raise MasugataError(f"`{path}` has no `.json` files")
    return Side({str(file): read_policy(file) for file in found})


def type_of(sides: Sequence[Side], given: str | None) -> PolicyType:
    """The type of the policies: as said, else by whether they name principals."""
    if given is not None:
        return PolicyType(given)
    named = {_names_principals(text) for side in sides for text in side.texts.values()}
    if len(named) > 1:
        raise MasugataError("some of the policies name principals and some do not: say their --type")
    if named == {True}:
        texts = [text for side in sides for text in side.texts.values()]
        return PolicyType.TRUST if all(map(_is_trust, texts)) else PolicyType.RESOURCE
    return PolicyType.IDENTITY


def compared(old: Side, new: Side, type_: PolicyType, accounts: Sequence[str]) -> Comparison:
    """What `new` allows and `old` does not; raises `MasugataError` for what is no policy of the type."""
    for account in accounts:
        if not (account.isascii() and account.isdigit() and len(account) == 12):
            raise MasugataError(f"`{account}` is not an account id: 12 digits")
    return compare(_set(old, type_), _set(new, type_), universe(accounts))


def to_dict(type_: PolicyType, granted: Comparison, gone: Comparison | None) -> dict[str, Any]:
    """All there is, for programs; `verdict` is `new`, `none` or `unknown`."""
    verdict = "new" if granted.permissions else "unknown" if granted.unknown else "none"
    plain: dict[str, Any] = {
        "type": str(type_),
        "verdict": verdict,
        "new": [_permission(one) for one in granted.permissions],
        "unknown": list(granted.unknown),
    }
    if gone is not None:
        plain |= {
            "removed": [_permission(one) for one in gone.permissions],
            "removed_unknown": list(gone.unknown),
        }
    return plain


def render(granted: Comparison, gone: Comparison | None) -> str:
    """Lines for a terminal."""
    lines = list(_side("+", "red", granted, "new permissions"))
    if gone is not None:
        lines += ["", *_side("-", "green", gone, "permissions removed")]
    return "\n".join(lines)


def _side(sign: str, colour: str, comparison: Comparison, noun: str) -> Iterator[str]:
    for one in comparison.permissions:
        more = f" and {len(one.actions) - _SHOWN} more" if len(one.actions) > _SHOWN else ""
        yield click.style(f"{sign} {', '.join(one.actions[:_SHOWN])}{more}", fg=colour)
        request = one.request
        yield f"    e.g. {request.action} on {request.resource}"
        if request.principal.kind != "user" or not request.principal.arn.endswith(":user/example"):
            yield f"    by {request.principal.arn or 'an anonymous caller'}"
        for key, value in request.context.items():
            yield f"    with {key} = {value if isinstance(value, str) else ', '.join(value)}"
        yield f"    where {one.others}"
        yield f"    new: allowed {allowance(one.new)}"
        yield f"    old: denied {why(one.old, request.action)}"
    if not comparison.permissions and not comparison.unknown:
        yield f"no {noun}"
    for reason in comparison.unknown:
        yield click.style("unknown", fg="yellow") + f": whether there are other {noun}: {reason}"


def _permission(one: NewPermission) -> dict[str, Any]:
    request = one.request
    return {
        "actions": list(one.actions),
        "witness": {
            "principal": request.principal.arn,
            "action": request.action,
            "resource": request.resource,
            "resource_account": request.resource_account,
            "context": dict(request.context),
            "others": one.others,
        },
        "allowed": allowance(one.new),
        "denied": why(one.old, request.action),
    }


def _set(side: Side, type_: PolicyType) -> PolicySet:
    policies = []
    for name, text in side.texts.items():
        try:
            validate_policy(text, type_)
            policies.append(compile_policy(text, type_, name))
        except MalformedPolicyError as error:
            raise MasugataError(f"`{name}` is not a policy of type {type_}: {error}") from None
    return PolicySet(type_, policies)


def _names_principals(text: str) -> bool:
    return any({"Principal", "NotPrincipal"} & statement.keys() for statement in _statements(text))


def _is_trust(text: str) -> bool:
    return not any({"Resource", "NotResource"} & statement.keys() for statement in _statements(text))


def _statements(text: str) -> list[dict[str, Any]]:
    """The statements as far as they are there: what is wrong with them is said later."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    found = document.get("Statement") if isinstance(document, dict) else None
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]
