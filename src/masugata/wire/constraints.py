"""The models' constraints (required, length, range, pattern, enum), compiled, with AWS's texts.

A check runs on a decoded value and costs nothing where a shape has no constraints. It returns None or
the violations; paths are put together on the way up, so only bad requests pay for them.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from typing import Any, NamedTuple, TypeAlias

import msgspec

from masugata.errors import AwsError
from masugata.wire.models import Reference, ServiceModel, Shape
from masugata.wire.patterns import UnsupportedPatternError, compile_pattern

_MAX_REPORTED = 10  # violations in one message, as AWS does
_NUMBERS = frozenset({"integer", "long", "float", "double"})
_MAX_SHOWN = 2048  # characters of one value in a message

# IAM stopped to repeat strings in its messages (seen since 2024); numbers and enums it still shows.
_STRINGS_HIDDEN = frozenset({"iam"})

# IAM's own texts for a bad character; they replace the whole message.
_IAM_NAME_PATTERN = r"[\w+=,.@-]+"
_IAM_NAME = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
_IAM_PATH = "It must begin and end with / and contain only alphanumeric characters and/or / characters."
_IAM_TEXTS = {
    "accessKeyIdType": "It must contain only alphanumeric characters.",
    "pathPrefixType": "It must begin with the / character and contain only alphanumeric characters "
    "and/or / characters.",
    "pathType": _IAM_PATH,
    "policyPathType": _IAM_PATH,
}


class Rule(Enum):
    """What sort of constraint it is."""

    REQUIRED = auto()
    MAX_LENGTH = auto()
    MIN_LENGTH = auto()
    MAX_VALUE = auto()
    MIN_VALUE = auto()
    PATTERN = auto()
    ENUM = auto()
    ELEMENT = auto()  # of a list or map of scalars


class Broken(NamedTuple):
    """A constraint that a value broke, with AWS's text of it."""

    rule: Rule
    text: str


class Violation(msgspec.Struct, frozen=True):
    """One broken constraint: where (`tags.1.member.key`), the value as AWS shows it, and what.

    `shape` is the model's name of what broke it, empty for a member that is missing.
    """

    path: str
    shown: str
    text: str
    rule: Rule
    shape: str = ""
    whole: bool = False  # the text is the whole message, after the path: one of IAM's own

    def under(self, parent: str) -> "Violation":
        """The same violation, seen from one level up."""
        return msgspec.structs.replace(self, path=f"{parent}.{self.path}" if self.path else parent)

    def message(self) -> str:
        """The violation as one clause of the message."""
        return f"Value{self.shown} at '{self.path}' failed to satisfy constraint: {self.text}"


Violations: TypeAlias = list[Violation] | None
Check: TypeAlias = Callable[[Any], Violations]


def compile_constraints(model: ServiceModel, shape_name: str) -> Check | None:
    """The check of a decoded value of that shape, or None if nothing below it is constrained."""
    return _Compiler(model).check(shape_name)


def validation_error(violations: list[Violation]) -> AwsError:
    """All violations as one ValidationError in AWS's words."""
    framework = [violation for violation in violations if not violation.whole]
    if not framework:
        first = violations[0]
        return AwsError("ValidationError", f"The specified value for {first.path} is invalid. {first.text}")
    count = len(framework)
    clauses = "; ".join(violation.message() for violation in framework[:_MAX_REPORTED])
    plural = "" if count == 1 else "s"
    return AwsError("ValidationError", f"{count} validation error{plural} detected: {clauses}")


def _lower_camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


class _Compiler:
    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        self._strings_hidden = model.name in _STRINGS_HIDDEN
        # One cell per shape: recursive shapes refer to the cell of a shape that is still being compiled.
        self._cells: dict[str, list[Check | None]] = {}
        self._finished: set[str] = set()

    def check(self, name: str) -> Check | None:
        cell = self._cells.get(name)
        if cell is not None:
            return cell[0] if name in self._finished else _later(cell)
        cell = self._cells[name] = [None]
        shape = self._model.shape(name)
        match shape.type:
            case "structure":
                cell[0] = self._structure(shape)
            case "list":
                cell[0] = self._list(shape)
            case "map":
                cell[0] = self._map(shape)
            case _:
                cell[0] = self._scalar(shape)
        self._finished.add(name)
        return cell[0]

    def _structure(self, shape: Shape) -> Check | None:
        null = "" if self._strings_hidden else " null"
        required = [
            (name, Violation(_lower_camel(name), null, "Member must not be null", Rule.REQUIRED))
            for name in shape.required
        ]
        checks = [
            (name, _lower_camel(name), check)
            for name, reference in shape.members.items()
            if (check := self.check(reference.shape)) is not None
        ]
        if not required and not checks:
            return None

        def structure(value: Mapping[str, Any]) -> Violations:
            violations: list[Violation] = [missing for name, missing in required if name not in value]
            for name, path, check in checks:
                if name in value and (found := check(value[name])):
                    violations.extend(violation.under(path) for violation in found)
            return violations or None

        return structure

    def _list(self, shape: Shape) -> Check | None:
        reference = shape.element("member")
        length = _bounds(shape, "length")
        element = self._model.shape(reference.shape)
        check = _of_element(shape, self.check(reference.shape))
        if length is None and check is None:
            return None
        nested = element.type in ("structure", "list", "map")
        text = "" if nested else f"Member must satisfy constraint: [{self._described(element)}]"

        def whole_list(value: list[Any]) -> Violations:
            violations: list[Violation] = []
            if length is not None and (broken := length(len(value))):
                violations.append(self._violation(shape, value, broken))
            if check is not None:
                broken_elements = _elements(enumerate(value, 1), check, nested=nested)
                violations += (
                    broken_elements if nested else self._as_whole(shape, value, broken_elements, text)
                )
            return violations or None

        return whole_list

    def _map(self, shape: Shape) -> Check | None:
        length = _bounds(shape, "length")
        key_reference, value_reference = shape.element("key"), shape.element("value")
        key_check = self.check(key_reference.shape)
        value_check = _of_element(shape, self.check(value_reference.shape))
        if length is None and key_check is None and value_check is None:
            return None
        element = self._model.shape(value_reference.shape)
        nested = element.type in ("structure", "list", "map")
        key_text = (
            f"Map keys must satisfy constraint: [{self._described(self._model.shape(key_reference.shape))}]"
        )
        text = "" if nested else f"Map value must satisfy constraint: [{self._described(element)}]"

        def whole_map(value: Mapping[str, Any]) -> Violations:
            violations: list[Violation] = []
            if length is not None and (broken := length(len(value))):
                violations.append(self._violation(shape, value, broken))
            if key_check is not None and any(key_check(key) for key in value):
                violations.append(self._violation(shape, value, Broken(Rule.ELEMENT, key_text)))
            if value_check is not None:
                broken_elements = _elements(value.items(), value_check, nested=nested)
                violations += (
                    broken_elements if nested else self._as_whole(shape, value, broken_elements, text)
                )
            return violations or None

        return whole_map

    def _as_whole(self, shape: Shape, value: Any, broken: list[Violation], text: str) -> list[Violation]:
        """Scalars in a list or map are reported once, with all that each of them must satisfy."""
        return [self._violation(shape, value, Broken(Rule.ELEMENT, text))] if broken else []

    def _violation(self, shape: Shape, value: Any, broken: Broken) -> Violation:
        return Violation("", self._shown(shape, value), broken.text, broken.rule, shape.name)

    def _scalar(self, shape: Shape) -> Check | None:
        tests = [test for test in (_length(shape), _enumeration(shape)) if test is not None]
        pattern = _pattern(shape)
        own_text = self._own_text(shape) if pattern is not None else None
        if pattern is not None and own_text is None:
            tests.insert(0, pattern)
        if not tests and own_text is None:
            return None

        def scalar(value: Any) -> Violations:
            violations = [
                self._violation(shape, value, broken) for test in tests if (broken := test(value)) is not None
            ]
            # IAM looks at the characters itself, after the framework found nothing wrong.
            if own_text is not None and pattern is not None and not violations and pattern(value):
                violations.append(Violation("", "", own_text, Rule.PATTERN, shape.name, whole=True))
            return violations or None

        return scalar

    def _own_text(self, shape: Shape) -> str | None:
        if self._model.name != "iam":
            return None
        return _IAM_NAME if shape.pattern == _IAM_NAME_PATTERN else _IAM_TEXTS.get(shape.name)

    def _described(self, shape: Shape) -> str:
        """Everything that one element of a list or map must satisfy."""
        measure = "value" if shape.type in _NUMBERS else "length"
        words = []
        if shape.maximum is not None:
            words.append(f"Member must have {measure} less than or equal to {_number(shape.maximum)}")
        if shape.minimum is not None:
            words.append(f"Member must have {measure} greater than or equal to {_number(shape.minimum)}")
        if shape.pattern is not None:
            words.append(f"Member must satisfy regular expression pattern: {shape.pattern}")
        if shape.enum:
            words.append(f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        if self._strings_hidden:
            words.append("Member must not be null")
        return ", ".join(words)

    def _shown(self, shape: Shape, value: Any) -> str:
        """` 'value'` as AWS repeats it in a message, or nothing."""
        if shape.sensitive:
            return ""
        if shape.type == "blob":
            return f" 'java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]'"
        if shape.type in ("list", "map"):
            return self._shown_collection(shape, value)
        if self._strings_hidden and shape.type == "string" and not shape.enum:
            return ""
        return _quoted(str(value))

    def _shown_collection(self, shape: Shape, value: Any) -> str:
        parts: list[Reference] = [part for part in (shape.member, shape.key, shape.value) if part is not None]
        shapes = [self._model.shape(part.shape) for part in parts]
        hidden = any(part.sensitive or part.type != "string" for part in shapes)
        if self._strings_hidden or hidden:
            return ""
        if isinstance(value, Mapping):
            text = "{" + ", ".join(f"{key}={item}" for key, item in value.items()) + "}"
        else:
            text = f"[{', '.join(map(str, value))}]"
        return _quoted(text)


def _of_element(shape: Shape, check: Check | None) -> Check | None:
    """The check of the elements of a list or map, which may be null where it is sparse."""
    if check is None or not shape.sparse:
        return check
    checked = check
    return lambda value: None if value is None else checked(value)


def _quoted(text: str) -> str:
    return f" '{text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + '…'}'"


def _elements(items: Iterable[tuple[Any, Any]], check: Check, *, nested: bool) -> list[Violation]:
    """The violations of elements by their number or key; of scalars the first is enough."""
    violations: list[Violation] = []
    for place, item in items:
        if found := check(item):
            violations += [violation.under(f"{str(place)[:_MAX_SHOWN]}.member") for violation in found]
            if not nested or len(violations) > _MAX_REPORTED:
                break
    return violations


def _bounds(shape: Shape, measure: str) -> Callable[[float], Broken | None] | None:
    """Checks a length or a value against the shape's minimum and maximum."""
    least, most = shape.minimum, shape.maximum
    if least is None and most is None:
        return None
    small, large = (
        (Rule.MIN_VALUE, Rule.MAX_VALUE) if measure == "value" else (Rule.MIN_LENGTH, Rule.MAX_LENGTH)
    )
    too_small = Broken(small, f"Member must have {measure} greater than or equal to {_number(least or 0)}")
    too_large = Broken(large, f"Member must have {measure} less than or equal to {_number(most or 0)}")

    def bounds(number: float) -> Broken | None:
        if least is not None and number < least:
            return too_small
        if most is not None and number > most:
            return too_large
        return None

    return bounds


def _length(shape: Shape) -> Callable[[Any], Broken | None] | None:
    """Checks the length of a string or blob, or the value of a number."""
    if shape.type in _NUMBERS:
        return _bounds(shape, "value")
    bounds = _bounds(shape, "length") if shape.type in ("string", "blob") else None
    if bounds is None:
        return None
    within = bounds
    return lambda value: within(len(value))


def _pattern(shape: Shape) -> Callable[[str], Broken | None] | None:
    if shape.pattern is None or shape.type != "string":
        return None
    try:
        matches = compile_pattern(shape.pattern)
    except UnsupportedPatternError:
        # No operation may fail for a pattern that we cannot read; a test lists these patterns.
        return None
    broken = Broken(Rule.PATTERN, f"Member must satisfy regular expression pattern: {shape.pattern}")
    return lambda value: None if matches(value) else broken


def _enumeration(shape: Shape) -> Callable[[str], Broken | None] | None:
    if not shape.enum:
        return None
    allowed = frozenset(shape.enum)
    broken = Broken(Rule.ENUM, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    return lambda value: None if value in allowed else broken


def _later(cell: list[Check | None]) -> Check:
    """The check of a shape that is still being compiled, because it contains itself."""

    def check(value: Any) -> Violations:
        found = cell[0]
        return None if found is None else found(value)

    return check
