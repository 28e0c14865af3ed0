"""Every text transformation, against vectors that say where they come from."""

import json
from pathlib import Path

import pytest

from masugata.engines.waf.definitions.fields import (
    PreParseTextTransformation,
    PreParseTransformationType,
    TextTransformation,
    TransformationType,
)
from masugata.engines.waf.transformations import (
    PRE_PARSE_TRANSFORMATIONS,
    TRANSFORMATIONS,
    chain,
    pre_parse_chain,
    unchanged,
)

VECTORS = Path(__file__).parent / "vectors"
ALL = {**PRE_PARSE_TRANSFORMATIONS, **TRANSFORMATIONS}
CASES = [
    pytest.param(
        name, vector["in"].encode("latin-1"), vector["out"].encode("latin-1"), id=f"{name}: {vector['what']}"
    )
    for name in ALL
    for vector in json.loads((VECTORS / f"{name.lower()}.json").read_text())["vectors"]
]


@pytest.mark.parametrize(("name", "value", "expected"), CASES)
def test_vectors(name: str, value: bytes, expected: bytes) -> None:
    """A transformation makes of each vector what its source says (one character of the file is one byte)."""
    assert ALL[name].transform(value) == expected


@pytest.mark.parametrize(("name", "value", "expected"), CASES)
def test_triggers(name: str, value: bytes, expected: bytes) -> None:
    """What changes holds one of the triggers."""
    triggers = ALL[name].triggers
    assert value == expected or triggers is None or any(trigger in value for trigger in triggers)


def test_every_one_is_there() -> None:
    """The tables hold what AWS's model names, each has vectors, and each file of vectors belongs to one."""
    assert list(TRANSFORMATIONS) == list(TransformationType.__args__)
    assert list(PRE_PARSE_TRANSFORMATIONS) == list(PreParseTransformationType.__args__)
    assert {path.stem.upper() for path in VECTORS.iterdir()} == set(ALL)


def steps(*types: str) -> list[TextTransformation]:
    """Transformations in descending order of what is given, so that the order of the list is not theirs."""
    named = [TextTransformation(priority=number, type=name) for number, name in enumerate(types)]
    return named[::-1]


def test_chain_takes_steps_by_priority() -> None:
    """The lowest priority comes first, wherever it stands in the list."""
    assert chain(steps("URL_DECODE", "HTML_ENTITY_DECODE", "LOWERCASE"))(b"%26LT;A") == b"<a"
    assert chain(steps("HTML_ENTITY_DECODE", "URL_DECODE"))(b"%26LT;A") == b"&LT;A"


def test_equal_chains_are_one() -> None:
    """The same steps give the same function, NONE counts for nothing, no step leaves values alone."""
    assert chain(steps("NONE", "LOWERCASE", "TRIM")) is chain(steps("LOWERCASE", "TRIM", "NONE"))
    assert chain(steps("LOWERCASE", "TRIM")) is not chain(steps("TRIM", "LOWERCASE"))
    assert chain(steps("NONE")) is chain([]) is unchanged


def test_pre_parse_chain() -> None:
    """What is done to the query string is done in its order, too."""
    one = PreParseTextTransformation(priority=2, type="COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA")
    two = PreParseTextTransformation(priority=1, type="REPLACE_SEMICOLONS_WITH_AMPERSANDS")
    assert pre_parse_chain([one, two])(b"a=1;a=2") == b"a=1,2"
