"""Tests of SecLang as statements of AWS WAF."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_network

import msgspec

from masugata.cli._waf_seclang import Operator, SecLangError, Variable
from masugata.cli._waf_seclang_fields import Json, Place, places_of
from masugata.cli._waf_seclang_rules import Test
from masugata.engines.waf.errors import InvalidPatternError
from masugata.engines.waf.matching import check_pattern

MOST_STEPS = 10
LONGEST_TEXT = 200
LONGEST_REGEX = 200
REGEXES_OF_A_SET = 10
ADDRESSES_OF_A_SET = 10_000
"""AWS's quotas: https://docs.aws.amazon.com/waf/latest/developerguide/limits.html"""

TRANSFORMATIONS: Mapping[str, str] = {
    "base64decode": "BASE64_DECODE",
    "base64decodeext": "BASE64_DECODE_EXT",
    "cmdline": "CMD_LINE",
    "compresswhitespace": "COMPRESS_WHITE_SPACE",
    "cssdecode": "CSS_DECODE",
    "escapeseqdecode": "ESCAPE_SEQ_DECODE",
    "hexdecode": "HEX_DECODE",
    "htmlentitydecode": "HTML_ENTITY_DECODE",
    "jsdecode": "JS_DECODE",
    "lowercase": "LOWERCASE",
    "normalisepath": "NORMALIZE_PATH",
    "normalisepathwin": "NORMALIZE_PATH_WIN",
    "normalizepath": "NORMALIZE_PATH",
    "normalizepathwin": "NORMALIZE_PATH_WIN",
    "removecommentschar": "REMOVE_COMMENTS_CHAR",
    "removenulls": "REMOVE_NULLS",
    "removewhitespace": "REMOVE_WHITESPACE",
    "replacecomments": "REPLACE_COMMENTS",
    "replacenulls": "REPLACE_NULLS",
    "sqlhexdecode": "SQL_HEX_DECODE",
    "trim": "TRIM",
    "trimleft": "TRIM_LEFT",
    "trimright": "TRIM_RIGHT",
    "uppercase": "UPPERCASE",
    "urldecode": "URL_DECODE",
    "urldecodeuni": "URL_DECODE_UNI",
    "utf8tounicode": "UTF8_TO_UNICODE",
}
"""Names of SecLang in lower case. md5 and sha1 give bytes there, and hexadecimal digits in AWS."""

_POSITIONS = {
    "beginswith": "STARTS_WITH", "contains": "CONTAINS", "containsword": "CONTAINS_WORD",
    "endswith": "ENDS_WITH", "streq": "EXACTLY", "strmatch": "CONTAINS",
}  # fmt: skip
_ANCHORED = frozenset({"beginswith", "endswith", "streq", "within"})
_COMPARISONS = {"eq": "EQ", "ge": "GE", "gt": "GT", "le": "LE", "lt": "LT"}
_HEX_WORDS = re.compile(r"\|[0-9A-Fa-f ]{2,}\|")
_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_PRESENT = {("eq", "0"): False, ("lt", "1"): False, ("gt", "0"): True, ("ge", "1"): True}


class Sets(msgspec.Struct):
    """IP sets and regex pattern sets that statements refer to, as input of Create calls, without Scope."""

    scope: str
    ip_sets: list[Json] = []
    regex_sets: list[Json] = []

    def arn(self, kind: str, name: str) -> str:
        """A stand-in until the set is made and has one."""
        where = "regional" if self.scope == "REGIONAL" else "global"
        return f"arn:aws:wafv2:us-east-1:000000000000:{where}/{kind}/{name}/none"


class Said(msgspec.Struct):
    """A statement, and what of the test is not in it, or only approximately."""

    statement: Json
    lacking: list[str]


def statement_of(test: Test, rule: str, sets: Sets) -> Said:
    """Raises SecLangError for what cannot be said at all; `rule` is the beginning of names of sets."""
    operator = test.operator
    if "%{" in operator.argument:
        raise SecLangError("`%{…}` has no value before the request comes")
    if any(variable.name == "REMOTE_ADDR" for variable in test.variables):
        return Said(_address(test.variables, operator, rule, sets), [])
    if any(variable.counted for variable in test.variables):
        return Said(_presence(test.variables, operator), [])
    places = places_of(test.variables)
    lacking = list(places.lacking)
    found: list[Json] = []
    for place in places.found:
        try:
            found.append(_at(place, test, rule, sets, lacking))
        except SecLangError as error:
            lacking.append(str(error))
    if not found:
        raise SecLangError("; ".join(dict.fromkeys(lacking)))
    return Said(either(found), list(dict.fromkeys(lacking)))


def either(statements: Sequence[Json]) -> Json:
    """One of them."""
    return statements[0] if len(statements) == 1 else {"OrStatement": {"Statements": list(statements)}}


def both(statements: Sequence[Json]) -> Json:
    """All of them."""
    return statements[0] if len(statements) == 1 else {"AndStatement": {"Statements": list(statements)}}


def _not(statement: Json) -> Json:
    return {"NotStatement": {"Statement": statement}}


def _at(place: Place, test: Test, rule: str, sets: Sets, lacking: list[str]) -> Json:
    """The test in one place."""
    operator = test.operator
    name = next(iter(place.field))
    if operator.negated and (place.several or place.whole):
        raise SecLangError(f"that some value of {name} does not match cannot be said in AWS WAF")
    anchored = operator.name in _ANCHORED or (operator.name == "rx" and _has_anchors(operator.argument))
    if place.whole and (anchored or "length" in test.transformations):
        raise SecLangError("of the body AWS WAF does not know where arguments begin and end")
    steps, length = _steps(place, test.transformations)
    fields = [place.field]
    if place.tail is not None:
        fields = _uri_fields(place.field, place.tail, operator, length, lacking)
    inspected = [
        {
            "FieldToMatch": field,
            "TextTransformations": [
                {"Priority": n, "Type": step} for n, step in enumerate(steps or ["NONE"])
            ],
        }
        for field in fields
    ]
    found = either(
        [leaf for each in inspected for leaf in _leaves(operator, each, length, rule, sets, lacking)]
    )
    if not operator.negated:
        return found
    return both([_exists(place.field), _not(found)]) if place.optional else _not(found)


def _exists(field: Json) -> Json:
    return _size(field, "GE", 0)


def _size(field: Json, comparison: str, size: int) -> Json:
    inspected = {"FieldToMatch": field, "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}
    return {"SizeConstraintStatement": {"ComparisonOperator": comparison, "Size": size} | inspected}


def _uri_fields(path: Json, query: Json, operator: Operator, length: bool, lacking: list[str]) -> list[Json]:
    """Path and query are two fields in AWS: which of them can hold what is looked for."""
    name, text = operator.name, operator.argument
    if length or name in {"endswith", "streq", "within"} or (name != "rx" and "?" in text):
        raise SecLangError("path and query are two fields in AWS WAF, and not one text: say REQUEST_FILENAME")
    if name == "rx":
        bare = _CLASS.sub("", text)
        at_start = text.startswith("^") and "^" not in bare[1:] and "$" not in bare and "|" not in bare
        if "\\?" in text or (_has_anchors(text) and not at_start):
            raise SecLangError(
                "path and query are two fields in AWS WAF, and not one text: say REQUEST_FILENAME"
            )
        lacking.append("approximately: the pattern is looked for in path and query, and not across them")
        return [path] if at_start else [path, query]
    return [path] if name == "beginswith" else [path, query]


def _has_anchors(pattern: str) -> bool:
    bare = _CLASS.sub(lambda m: m[0] if m[0] in {r"\A", r"\z", r"\Z"} else "", pattern)
    return any(sign in bare for sign in ("^", "$", r"\A", r"\z", r"\Z"))


def _steps(place: Place, names: Sequence[str]) -> tuple[list[str], bool]:
    """AWS's transformations, and whether the length is asked for after them."""
    length = bool(names) and names[-1] == "length"
    steps = ["URL_DECODE"] if place.decoded else []
    for name in names[:-1] if length else names:
        if name not in TRANSFORMATIONS:
            raise SecLangError(f"AWS WAF has no transformation like `t:{name[:40]}`")
        steps.append(TRANSFORMATIONS[name])
    if len(steps) > MOST_STEPS:
        raise SecLangError(f"AWS WAF takes {MOST_STEPS} transformations, and not {len(steps)}")
    return steps, length


def _leaves(
    operator: Operator, inspected: Json, length: bool, rule: str, sets: Sets, lacking: list[str]
) -> Iterator[Json]:
    """Statements of which one has to match."""
    name, text = operator.name, operator.argument
    if length or name in _COMPARISONS:
        if not length or name not in _COMPARISONS:
            raise SecLangError("AWS WAF compares sizes only: `t:length` and numbers belong together")
        yield {
            "SizeConstraintStatement": {"ComparisonOperator": _COMPARISONS[name], "Size": _number(text)}
            | inspected
        }
    elif name in _POSITIONS:
        yield _byte_match(text, _POSITIONS[name], inspected)
    elif name == "within":
        lacking.append("approximately: `@within` takes whole words only")
        for word in _words(text.replace(",", " ")):
            yield _byte_match(word, "EXACTLY", inspected)
    elif name in _MAKERS:
        yield from _MAKERS[name](text, inspected, rule, sets)
    else:
        raise SecLangError(f"AWS WAF has no operator like `@{name[:40]}`")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise SecLangError(f"`{text[:40]}` is not a number of bytes")
    return int(text)


def _byte_match(text: str, position: str, inspected: Json) -> Json:
    data = text.encode()
    if not data or len(data) > LONGEST_TEXT:
        raise SecLangError(f"AWS WAF looks for 1 to {LONGEST_TEXT} bytes, and not for {len(data)}")
    return {
        "ByteMatchStatement": {"SearchString": b64encode(data).decode(), "PositionalConstraint": position}
        | inspected
    }


def _regex(text: str, inspected: Json, rule: str, sets: Sets) -> Iterator[Json]:
    del rule, sets
    bare = _CLASS.sub("", text)
    yield {
        "RegexMatchStatement": {"RegexString": _checked(f"(?s){text}" if "." in bare else text)} | inspected
    }


def _checked(pattern: str) -> str:
    """Raises SecLangError for one that is too long or that no engine takes."""
    if not pattern or len(pattern) > LONGEST_REGEX:
        raise SecLangError(f"AWS WAF takes regular expressions of 1 to {LONGEST_REGEX} characters")
    try:
        check_pattern(pattern)
    except InvalidPatternError as error:
        raise SecLangError(str(error)) from None
    return pattern


def _any_word(text: str, inspected: Json, rule: str, sets: Sets) -> Iterator[Json]:
    """Many words as few regular expressions; more than one of these as sets."""
    if _HEX_WORDS.search(text):
        raise SecLangError("`|…|` in the words of `@pm` is not known here")
    patterns = [_checked(pattern) for pattern in _alternatives(_words(text))]
    if len(patterns) == 1:
        yield {"RegexMatchStatement": {"RegexString": patterns[0]} | inspected}
        return
    for start in range(0, len(patterns), REGEXES_OF_A_SET):
        name = f"{rule}-words-{len(sets.regex_sets) + 1}"
        listed = [{"RegexString": pattern} for pattern in patterns[start : start + REGEXES_OF_A_SET]]
        sets.regex_sets.append({"Name": name, "RegularExpressionList": listed})
        yield {"RegexPatternSetReferenceStatement": {"ARN": sets.arn("regexpatternset", name)} | inspected}


def _words(text: str) -> list[str]:
    words = list(dict.fromkeys(text.split()))
    if not words:
        raise SecLangError("no words are given")
    return words


def _alternatives(words: Sequence[str]) -> Iterator[str]:
    held: list[str] = []
    for word in words:
        escaped = re.escape(word)
        if held and len("|".join([*held, escaped])) > LONGEST_REGEX - len("(?i)(?:)"):
            yield f"(?i)(?:{'|'.join(held)})"
            held = []
        held.append(escaped)
    yield f"(?i)(?:{'|'.join(held)})"


def _injection(kind: Json) -> Callable[[str, Json, str, Sets], Iterator[Json]]:
    ((name, settings),) = kind.items()
    return lambda _text, inspected, _rule, _sets: iter(({name: settings | inspected},))


_MAKERS: Mapping[str, Callable[[str, Json, str, Sets], Iterator[Json]]] = {
    "rx": _regex,
    "pm": _any_word,
    "detectsqli": _injection({"SqliMatchStatement": {"SensitivityLevel": "LOW"}}),
    "detectxss": _injection({"XssMatchStatement": {}}),
}


def _presence(variables: Sequence[Variable], operator: Operator) -> Json:
    """`&REQUEST_HEADERS:host "@eq 0"`."""
    wanted = _PRESENT.get((operator.name, operator.argument))
    if len(variables) != 1 or wanted is None or variables[0].selector is None:
        raise SecLangError("AWS WAF knows of one thing whether it is there, and does not count")
    variable = msgspec.structs.replace(variables[0], counted=False)
    if variable.name not in {"REQUEST_HEADERS", "REQUEST_COOKIES", "ARGS_GET"}:
        raise SecLangError(f"AWS WAF does not know whether there is `{variable.name}`")
    found = _exists(places_of([variable]).found[0].field)
    return found if wanted != operator.negated else _not(found)


def _address(variables: Sequence[Variable], operator: Operator, rule: str, sets: Sets) -> Json:
    if len(variables) != 1 or variables[0].counted or variables[0].selector is not None:
        raise SecLangError("`REMOTE_ADDR` stands alone in AWS WAF")
    if operator.name not in {"ipmatch", "streq"}:
        raise SecLangError("AWS WAF compares addresses with `@ipMatch` only")
    found: dict[int, list[str]] = {4: [], 6: []}
    for text in operator.argument.replace(",", " ").split():
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            raise SecLangError(f"`{text[:60]}` is not an address") from None
        # AWS WAF has no network of all addresses: its halves are.
        parts = [network] if network.prefixlen else network.subnets()
        found[network.version] += map(str, parts)
    statements = []
    for version, addresses in found.items():
        for start in range(0, len(addresses), ADDRESSES_OF_A_SET):
            name = f"{rule}-addresses-{len(sets.ip_sets) + 1}"
            listed = addresses[start : start + ADDRESSES_OF_A_SET]
            sets.ip_sets.append({"Name": name, "IPAddressVersion": f"IPV{version}", "Addresses": listed})
            statements.append({"IPSetReferenceStatement": {"ARN": sets.arn("ipset", name)}})
    if not statements:
        raise SecLangError("no address is given")
    return _not(either(statements)) if operator.negated else either(statements)
