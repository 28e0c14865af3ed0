"""The patterns of policies as languages, to find texts that tell them apart."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from masugata.engines.common import ANY, STAR, Token
from masugata.engines.policy.arns import split_arn
from masugata.engines.policy.languages import Letter, Pattern, Sign
from masugata.engines.policy.variables import Context, Variable, parse_template, resolve

_PARTS: Final = 6
# An ARN has a partition, a service and a resource.
ARNS: Final[Pattern] = (
    *(Letter(character) for character in "arn:"),
    Sign.ANY_BUT_COLON, Sign.STAR_BUT_COLON, Letter(":"),
    Sign.ANY_BUT_COLON, Sign.STAR_BUT_COLON, Letter(":"),
    Sign.STAR_BUT_COLON, Letter(":"),
    Sign.STAR_BUT_COLON, Letter(":"),
    Sign.ANY, Sign.STAR,
)  # fmt: skip
# What a condition takes for an ARN.
ARN_TEXTS: Final[Pattern] = (
    *(Letter(character) for character in "arn:"),
    Sign.STAR_BUT_COLON, Letter(":"),
    Sign.STAR_BUT_COLON, Letter(":"),
    Sign.STAR_BUT_COLON, Letter(":"),
    Sign.STAR_BUT_COLON, Letter(":"),
    Sign.STAR,
)  # fmt: skip
# Where the engine decides by the resource itself: see `reserved` and keys that must delegate.
_SPECIAL: Final = (
    "arn:*:iam:*:aws:*",
    "arn:*:iam:*:*:role/aws-reserved/*",
    "arn:*:kms:*:*:alias/aws/*",
    "arn:*:kms:*:*:key/*",
)


def resource_patterns(
    values: Iterable[str], *, running: bool, variables: bool, context: Context
) -> Iterator[Pattern]:
    """The patterns of one Resource or NotResource element, with what `context` has put in.

    With `running`, stars that end a segment may run on past its colon as well.
    """
    for value in values:
        segments = value.split(":", _PARTS - 1)
        if value == "*" or segments[0] != "arn":
            continue
        segments += ["*"] * (_PARTS - len(segments))
        tokens = resolve(parse_template(segments[-1], variables=variables, wildcards=True), context)
        if tokens is not None and not any("${" in segment for segment in segments[:-1]):
            yield (*_head(segments[:-1]), *_plain(tokens))
        whole = resolve(parse_template(value, variables=variables, wildcards=True), context)
        if running and whole is not None and any(s.endswith("*") for s in value.split(":", _PARTS - 1)[:-1]):
            yield _plain(whole)


def widened(value: str) -> str:
    """The pattern with a `*` for each variable: what it can match whatever the values are."""
    parts = parse_template(value, variables=True, wildcards=True)
    signs = {STAR: "*", ANY: "?"}
    return "".join(
        "*" if isinstance(part, Variable) else signs[part] if not isinstance(part, str) else _quoted(part)
        for part in parts
    )


def _quoted(literal: str) -> str:
    return re.sub(r"[*?]|\$(?=\{)", lambda found: f"${{{found[0]}}}", literal)


def special_patterns() -> Iterator[Pattern]:
    """Patterns of the resources about which the engine has rules of its own."""
    for value in _SPECIAL:
        yield from resource_patterns([value], running=False, variables=False, context={})


def text_pattern(
    value: str, *, wildcards: bool, fold: bool, variables: bool, context: Context
) -> Pattern | None:
    """The pattern of a value of a string condition; None if a variable has no value."""
    tokens = resolve(parse_template(value, variables=variables, wildcards=wildcards), context)
    return None if tokens is None else _plain(tokens, fold=fold)


def arn_pattern(value: str, *, variables: bool, context: Context) -> Pattern | None:
    """The pattern of a value of an ARN condition, segment by segment; None if it is none."""
    segments = split_arn(value, variables=variables)
    if segments is None:
        return None
    pattern: list[Letter | Sign] = []
    for number, segment in enumerate(segments):
        tokens = resolve(parse_template(segment, variables=variables, wildcards=True), context)
        if tokens is None:
            return None
        pattern += _plain(tokens) if number == _PARTS - 1 else _within_segment(tokens)
        if number < _PARTS - 1:
            pattern.append(Letter(":"))
    return tuple(pattern)


def _head(segments: Iterable[str]) -> Iterator[Letter | Sign]:
    for segment in segments:
        yield from _within_segment(parse_tokens(segment.lower()))
        yield Letter(":")


def parse_tokens(text: str) -> list[Token]:
    """Literals and wildcards of a text without variables."""
    return resolve(parse_template(text, variables=False, wildcards=True), {}) or []


def _within_segment(tokens: Iterable[Token]) -> Iterator[Letter | Sign]:
    signs = {Sign.STAR: Sign.STAR_BUT_COLON, Sign.ANY: Sign.ANY_BUT_COLON}
    return (signs[item] if isinstance(item, Sign) else item for item in _plain(tokens))


def _plain(tokens: Iterable[Token], *, fold: bool = False) -> Pattern:
    pattern: list[Letter | Sign] = []
    for token in tokens:
        if token is STAR:
            if not pattern or pattern[-1] is not Sign.STAR:
                pattern.append(Sign.STAR)
        elif token is ANY:
            pattern.append(Sign.ANY)
        else:
            pattern += [Letter(character, fold) for character in str(token)]
    return tuple(pattern)
