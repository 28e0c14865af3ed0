"""Values made from botocore's shapes, awkward on purpose, for round trips."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from botocore.model import Shape

STRINGS = (
    "", " ", "a", "/", "%", "%41", "+", "a b", "&=;#?", "member.1", "é", "日本語", "\U00010348", "a\r\nb\tc",
    "<a>&amp;</a>", "]]>", "\"'", "\\", "null", "true", "0", " x ", "arn:aws:iam::111122223333:user/a",
    '{"Statement": []}', "x" * 300,
)  # fmt: skip
CONTROLS = ("\x00", "a\x07b", "\x7f\x85\u2028", "\ufeff")
INTEGERS = (0, 1, -1, 7, 2**31 - 1, -(2**31))
FLOATS = (0.0, 0.5, -1.25, 1e-9, 123456789.125)
BLOBS = (b"", b"\x00", b"\xff\xfe", b"a" * 100)
LENGTHS = (0, 1, 2, 11)

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_DEPTH = 5


class Maker:
    """Makes values of shapes; `dense` sets every member of a structure, `controls` allows control characters.

    `full` leaves out what the query protocol cannot say: empty maps and empty structures.
    """

    def __init__(self, random: Random, *, dense: bool, controls: bool, full: bool) -> None:
        self.random = random
        self.dense = dense
        self.controls = controls
        self.full = full

    def make(self, shape: Shape, depth: int = 0) -> Any:
        choice = self.random.choice
        match shape.type_name:
            case "structure":
                return self._structure(shape, depth)
            case "list":
                length = choice(LENGTHS) if depth < 3 else choice(LENGTHS[:3])
                return [self.make(shape.member, depth + 1) for _ in range(length)]
            case "map":
                length = choice(LENGTHS[1:] if self.full else LENGTHS)
                return {f"{self._string()}{n}": self.make(shape.value, depth + 1) for n in range(length)}
            case "boolean":
                return choice((True, False))
            case "integer" | "long":
                return choice(INTEGERS)
            case "float" | "double":
                return choice(FLOATS)
            case "blob":
                return choice(BLOBS)
            case "timestamp":
                milliseconds = choice((0, 1, 999, 1000, self.random.randrange(4_000_000_000_000)))
                return _START + timedelta(milliseconds=milliseconds)
        return self._string()

    def _string(self) -> str:
        return self.random.choice(STRINGS + CONTROLS if self.controls else STRINGS)

    def _structure(self, shape: Shape, depth: int) -> dict[str, Any]:
        members = shape.members
        if getattr(shape, "is_tagged_union", False):
            names = [self.random.choice(sorted(members))]
        else:
            names = [
                name
                for name, member in members.items()
                if self._scalar(member) or (depth < _MAX_DEPTH and (self.dense or self.random.random() < 0.5))
            ]
            if not self.dense:
                names = [name for name in names if self.random.random() < 0.7]
            if self.full and depth and not names:
                names = [name for name, member in members.items() if self._scalar(member)][:1]
        return {name: self.make(members[name], depth + 1) for name in names}

    @staticmethod
    def _scalar(shape: Shape) -> bool:
        return shape.type_name not in ("structure", "list", "map")


def without_empty(value: Any) -> Any:
    """The value as the query protocol can say it: structures and maps without members are absent."""
    if isinstance(value, dict):
        kept = {key: without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item != {}}
    if isinstance(value, list):
        kept_items = [without_empty(item) for item in value]
        return [item for item in kept_items if item != {}]
    return value
