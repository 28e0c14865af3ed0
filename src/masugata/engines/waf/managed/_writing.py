"""Short forms in which the groups are written.

AWS ends the name of a rule with the part of the request that it looks at.
"""

from collections.abc import Iterable

from masugata.engines.waf.definitions import (
    BlockAction,
    FieldToMatch,
    GoOn,
    RuleAction,
    Statement,
    TextTransformation,
)
from masugata.engines.waf.definitions.fields import Empty, Named, TransformationType
from masugata.engines.waf.definitions.statements import (
    AndStatement,
    ByteMatchStatement,
    IPSetReferenceStatement,
    LabelMatchStatement,
    NotStatement,
    OrStatement,
    RegexPatternSetReferenceStatement,
    SizeConstraintStatement,
)
from masugata.engines.waf.detectors import Detector
from masugata.engines.waf.managed._group import Detect, ManagedRule, Source

VENDOR = "AWS"
BLOCK = RuleAction(block=BlockAction())
COUNT = RuleAction(count=GoOn())
NAMESPACE = "awswaf:managed:aws:"

URI_PATH = FieldToMatch(uri_path=Empty())
QUERY_STRING = FieldToMatch(query_string=Empty())
METHOD = FieldToMatch(method=Empty())
USER_AGENT = FieldToMatch(single_header=Named(name="user-agent"))
LOWERCASE: tuple[TransformationType, ...] = ("LOWERCASE",)
PATH: tuple[TransformationType, ...] = ("URL_DECODE_UNI", "NORMALIZE_PATH", "LOWERCASE")
"""A path as a server looks it up on a file system that does not tell letters' cases apart."""
QUERY: tuple[TransformationType, ...] = ("URL_DECODE_UNI", "LOWERCASE")

_PARTS: dict[str, tuple[str, tuple[Source, ...]]] = {
    "URIPATH": ("URIPath", (Source.URI_PATH,)),
    "QUERYARGUMENTS": ("QueryArguments", (Source.QUERY_ARGUMENTS,)),
    "QUERYSTRING": ("QueryString", (Source.QUERY_ARGUMENTS,)),
    "COOKIE": ("Cookie", (Source.COOKIES,)),
    "HEADER": ("Header", (Source.HEADERS, Source.COOKIES)),
    "BODY": ("Body", (Source.BODY,)),
}


def detected(
    name: str,
    *detectors: Detector,
    minimum: int = 50,
    label: str | None = None,
    also: tuple[Source, ...] = (),
) -> ManagedRule:
    """A rule that blocks what detectors find in the part after which it is named, and in `also`."""
    subject, _, part = name.rpartition("_")
    ending, sources = _PARTS[part]
    return ManagedRule(
        name=name,
        action=BLOCK,
        detect=Detect(sources=(*sources, *also), detectors=detectors, minimum_score=minimum),
        labels=(label or f"{subject}_{ending}",),
    )


def blocked(name: str, statement: Statement, label: str) -> ManagedRule:
    """A rule that blocks what a statement matches."""
    return ManagedRule(name=name, action=BLOCK, statement=statement, labels=(label,))


def steps(types: Iterable[TransformationType]) -> tuple[TextTransformation, ...]:
    """Transformations in this order."""
    found = tuple(TextTransformation(priority=number, type=kind) for number, kind in enumerate(types))
    return found or (TextTransformation(priority=0, type="NONE"),)


def matches_set(name: str, field: FieldToMatch, types: Iterable[TransformationType]) -> Statement:
    """One of the expressions of the group's set of this name matches."""
    return Statement(
        regex_pattern_set_reference_statement=RegexPatternSetReferenceStatement(
            arn=name, field_to_match=field, text_transformations=steps(types)
        )
    )


def contains(text: str, field: FieldToMatch, types: Iterable[TransformationType] = LOWERCASE) -> Statement:
    """The text stands somewhere in the field."""
    return _bytes(text, field, types, "CONTAINS")


def equals(text: str, field: FieldToMatch) -> Statement:
    """The field is the text."""
    return _bytes(text, field, (), "EXACTLY")


def _bytes(text: str, field: FieldToMatch, types: Iterable[TransformationType], how: str) -> Statement:
    return Statement(
        byte_match_statement=ByteMatchStatement(
            search_string=text.encode(),
            positional_constraint=how,  # type: ignore[arg-type] # one of the two above
            field_to_match=field,
            text_transformations=steps(types),
        )
    )


def larger(field: FieldToMatch, size: int) -> Statement:
    """The field has more bytes than this."""
    return Statement(
        size_constraint_statement=SizeConstraintStatement(
            comparison_operator="GT", size=size, field_to_match=field, text_transformations=steps(())
        )
    )


def in_set(name: str) -> Statement:
    """The address is in the group's set of this name."""
    return Statement(ip_set_reference_statement=IPSetReferenceStatement(arn=name))


def labelled(key: str) -> Statement:
    """An earlier rule has added the label."""
    return Statement(label_match_statement=LabelMatchStatement(scope="LABEL", key=key))


def both(*statements: Statement) -> Statement:
    """All of them."""
    return Statement(and_statement=AndStatement(statements=statements))


def either(*statements: Statement) -> Statement:
    """One of them; AWS's Or wants two."""
    if len(statements) == 1:
        return statements[0]
    return Statement(or_statement=OrStatement(statements=statements))


def neither(statement: Statement) -> Statement:
    """Not it."""
    return Statement(not_statement=NotStatement(statement=statement))
