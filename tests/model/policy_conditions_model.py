"""The conditions' half of the policy model: three-valued logic, globs, variables and operators."""

import base64
import binascii
import ipaddress
import re
from datetime import UTC, datetime
from fractions import Fraction

Answer = bool | None


def any_of(answers) -> Answer:
    answers = list(answers)
    return True if True in answers else None if None in answers else False


def all_of(answers) -> Answer:
    answers = list(answers)
    return False if False in answers else None if None in answers else True


def negate(answer: Answer) -> Answer:
    return None if answer is None else not answer


def as_list(value):
    return value if isinstance(value, list) else [value]


def letters(pattern, context, *, variables, wildcards=True):
    """The pattern as (character, is it literal?), its variables replaced; None if one has no value."""
    found, rest = [], pattern
    while rest:
        variable = re.match(r"\$\{([^}]*)\}", rest) if variables else None
        if variable:
            body, rest = variable[1], rest[variable.end() :]
            default = re.fullmatch(r"([^,]*(?:,[^ ][^,]*)*), '(.*)'", body)
            name = (default[1] if default else body).strip().lower()
            value = body if body in ("*", "?", "$") else context.get(name)
            if not isinstance(value, str):
                value = default[2] if default else None
            if value is None:
                return None
            found += [(character, True) for character in value]
        else:
            found.append((rest[0], not wildcards or rest[0] not in "*?"))
            rest = rest[1:]
    return found


def glob(pattern, text) -> bool:
    """Follow every way at once: the set of pattern positions that the text so far can reach."""

    def skip_stars(positions):
        reached = set(positions)
        for position in range(len(pattern)):
            if position in reached and pattern[position] == ("*", False):
                reached.add(position + 1)
        return reached

    positions = skip_stars({0})
    for character in text:
        after = set()
        for position in positions - {len(pattern)}:
            expected, literal = pattern[position]
            if not literal and expected == "*":
                after.add(position)
            elif expected == character or (not literal and expected == "?"):
                after.add(position + 1)
        positions = skip_stars(after)
    return len(pattern) in positions


def plain_glob(pattern, text) -> bool:
    return glob(letters(pattern, {}, variables=False), text)


def number(text):
    return Fraction(text) if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text, re.ASCII) else None


def moment(text):
    if re.fullmatch(r"-?\d{1,18}(\.\d{1,9})?", text, re.ASCII):
        return Fraction(text)
    if not re.fullmatch(
        r"\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?", text, re.ASCII | re.IGNORECASE
    ):
        return None
    try:
        when = datetime.fromisoformat(text + "-01" if len(text) == 7 else text.upper())
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return Fraction(int(when.replace(microsecond=0).timestamp())) + Fraction(when.microsecond, 1000000)


def binary(text):
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def address(text):
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def network(text):
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def compare(name, wanted, value, context, *, variables) -> Answer:
    """One policy value against one request value, for the positive operator `name`."""
    if name in ("stringequals", "stringequalsignorecase", "stringlike", "bool"):
        pattern = letters(wanted, context, variables=variables, wildcards=name == "stringlike")
        if name == "bool":
            if value.lower() not in ("true", "false"):
                return None
            text = None if pattern is None else "".join(letter for letter, _ in pattern).lower()
            return False if text is None else text == value.lower() if text in ("true", "false") else None
        if pattern is None:
            return False
        if name == "stringequalsignorecase":
            return "".join(letter for letter, _ in pattern).lower() == value.lower()
        return glob(pattern, value)
    if name in ("arnequals", "arnlike"):
        cut = re.split(r":(?![^$]*\})" if variables else ":", wanted, maxsplit=5)
        asked = value.split(":", 5)
        if len(cut) < 6 or len(asked) < 6 or cut[0] != "arn" or asked[0] != "arn":
            return None
        patterns = [letters(segment, context, variables=variables) for segment in cut]
        if None in patterns:
            return False
        return all(glob(p, a) for p, a in zip(patterns, asked, strict=True))
    if name == "ipaddress":
        net, host = network(wanted), address(value)
        return None if net is None or host is None else host.version == net.version and host in net
    parse = number if name.startswith("numeric") else moment if name.startswith("date") else binary
    left, right = parse(value), parse(wanted)
    if left is None or right is None:
        return None
    order = name.removeprefix("numeric").removeprefix("date").removeprefix("binary")
    return {
        "equals": left == right,
        "lessthan": left < right,
        "lessthanequals": left <= right,
        "greaterthan": left > right,
        "greaterthanequals": left >= right,
    }[order]


POSITIVE = {
    "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "bool", "binaryequals",
    "ipaddress",
} | {f"{t}{o}" for t in ("numeric", "date") for o in (
    "equals", "lessthan", "lessthanequals", "greaterthan", "greaterthanequals")}  # fmt: skip
NEGATED = {
    "stringnotequals": "stringequals", "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike", "arnnotequals": "arnequals", "arnnotlike": "arnlike",
    "numericnotequals": "numericequals", "datenotequals": "dateequals", "notipaddress": "ipaddress",
}  # fmt: skip


def condition_holds(operator, key, values, context, *, variables) -> Answer:
    prefix, _, name = operator.lower().rpartition(":")
    value = context.get(key.lower())
    if name == "null":
        wanted = {v.lower() for v in values}
        return (
            None
            if not wanted or wanted - {"true", "false"}
            else ("true" if value is None else "false") in wanted
        )
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    if (name not in POSITIVE and name not in NEGATED) or prefix not in ("", "forallvalues", "foranyvalue"):
        return None
    if not values:
        return None
    negated, positive = name in NEGATED, NEGATED.get(name, name)

    def test(one) -> Answer:
        answer = any_of(compare(positive, wanted, one, context, variables=variables) for wanted in values)
        return negate(answer) if negated else answer

    if prefix == "forallvalues":
        asked = [] if value is None else as_list(value)
        return True if not any(asked) else all_of(map(test, asked))
    if prefix == "foranyvalue":
        return if_exists if value is None else any_of(map(test, as_list(value)))
    if value is None:
        return negated or if_exists
    return False if isinstance(value, list) else test(value)
