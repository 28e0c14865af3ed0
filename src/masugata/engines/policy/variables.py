"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'default'}`, `${*}`, `${?}`, `${$}`.

A template is parsed once and resolved against each request. A value that is put in is literal text:
a `*` inside a tag is a star, never a wildcard.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from masugata.engines.common import Token, tokenize

# Keys in lower case; a tuple is a multi-valued key.
Context = Mapping[str, str | tuple[str, ...]]

_LITERALS: Final = frozenset({"*", "?", "$"})


class Variable(NamedTuple):
    """A reference to a context key (in lower case), with the text to use where it has no value."""

    key: str
    default: str | None


Part = Token | Variable


def parse_template(text: str, *, variables: bool, wildcards: bool) -> list[Part]:
    """Split `text` into literals, wildcards and variables.

    `variables` is False for documents before version 2012-10-17, where `${` is ordinary text;
    `wildcards` is False where `*` and `?` are.
    """
    parts: list[Part] = []
    position = 0
    while variables and (start := text.find("${", position)) >= 0 and (end := text.find("}", start)) >= 0:
        parts += _plain(text[position:start], wildcards=wildcards)
        body = text[start + 2 : end]
        parts.append(body if body in _LITERALS else _variable(body))
        position = end + 1
    return parts + _plain(text[position:], wildcards=wildcards)


def resolve(parts: Sequence[Part], context: Context) -> list[Token] | None:
    """Put the request's values in; None if a variable has neither a single value nor a default."""
    tokens: list[Token] = []
    for part in parts:
        if isinstance(part, Variable):
            value = context.get(part.key)
            text = value if isinstance(value, str) else part.default
            if text is None:
                return None
            tokens.append(text)
        else:
            tokens.append(part)
    return tokens


def resolve_text(parts: Sequence[Part], context: Context) -> str | None:
    """`resolve` for a template without wildcards, as one string."""
    tokens = resolve(parts, context)
    return None if tokens is None else "".join(token for token in tokens if isinstance(token, str))


def has_variable(parts: Sequence[Part]) -> bool:
    """Whether the template depends on the request."""
    return any(isinstance(part, Variable) for part in parts)


def constant(parts: Sequence[Part]) -> list[Token]:
    """The parts of a template that does not depend on the request."""
    return [part for part in parts if not isinstance(part, Variable)]


def _plain(text: str, *, wildcards: bool) -> list[Part]:
    if not text:
        return []
    return list(tokenize(text)) if wildcards else [text]


def _variable(body: str) -> Variable:
    key, separator, rest = body.partition(", ")
    if separator and len(rest) >= 2 and rest[0] == rest[-1] == "'":
        return Variable(key.strip().lower(), rest[1:-1])
    return Variable(body.strip().lower(), None)
