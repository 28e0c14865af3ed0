"""Values made from botocore's shapes, awkward on purpose, for round trips."""

from collections import Counter
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
# No label is empty, and dots alone are not sent: clients take them for parts of the path.
LABELS = tuple(text for text in (*STRINGS, *CONTROLS) if text)
# HTTP cuts white space off at the ends of a header, has no line ends, and is Latin-1 at most.
HEADERS = ("", "a", "/", "%41", "+", "a b", "&=;#?", "é", "null", "0", "<a>", "arn:aws:iam::1:user/a", "a\tb")
HEADER_ITEMS = ("a", "a b", "/", "%41", "é", "<a>")
QUOTED_ITEMS = (*HEADER_ITEMS, "a,b", 'say "a"', ',"')  # botocore reads no quotes, but it writes them
INTEGERS = (0, 1, -1, 7, 2**31 - 1, -(2**31))
LONGS = (*INTEGERS, 2**53 + 1, 2**63 - 1, -(2**63))
FLOATS = (0.0, 0.5, -1.25, 1e-9, 123456789.125)
BLOBS = (b"", b"\x00", b"\xff\xfe", b"a" * 100)
DOCUMENTS = (
    {},
    {"a": [1, None, {"b": 0.5}]},
    {"__type": "x", "é": "日本語", "": ""},
    {"deep": {"er": [[], {}]}},
)
LENGTHS = (0, 1, 2, 11)

SAME_NAME = "a member has the same name on the wire as another"
NOTHING = "query has no entry of a map whose value is empty"

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_DEPTH = 5
_MAX_SIZE = 400  # scalars of one value; the densest structures would have millions


class Maker:
    """Makes values of shapes; `dense` sets every member of a structure, `controls` allows control characters.

    `full` leaves out what the query protocol cannot say: empty maps and empty structures. Without
    `returns`, no text has a carriage return, which botocore does not escape in XML.
    """

    def __init__(
        self, random: Random, *, dense: bool, controls: bool, full: bool, returns: bool = True
    ) -> None:
        self.random = random
        self.dense = dense
        self.full = full
        strings = STRINGS + CONTROLS if controls else STRINGS
        self.strings = tuple(text for text in strings if returns or "\r" not in text)
        self.size = 0
        self.left_out: Counter[str] = Counter()

    def make(self, shape: Shape, depth: int = 0) -> Any:
        choice = self.random.choice
        self.size += 1
        match shape.type_name:
            case "structure":
                return self._structure(shape, depth)
            case "list":
                length = choice(LENGTHS) if depth < 3 else choice(LENGTHS[:3])
                length = length if self.size < _MAX_SIZE and depth < 2 * _MAX_DEPTH else 0
                return [self.make(shape.member, depth + 1) for _ in range(length)]
            case "map":
                length = choice(LENGTHS[1:] if self.full else LENGTHS)
                length = length if self.size < _MAX_SIZE else min(length, 1)
                made = {self._key(n): self.make(shape.value, depth + 1) for n in range(length)}
                return {key: item for key, item in made.items() if self._can_say(item)}
        return self.scalar(shape)

    def scalar(self, shape: Shape) -> Any:
        choice = self.random.choice
        match shape.type_name:
            case "boolean":
                return choice((True, False))
            case "integer":
                return choice(INTEGERS)
            case "long":
                return choice(LONGS)
            case "float" | "double":
                return choice(FLOATS)
            case "blob":
                return choice(BLOBS)
            case "timestamp":
                milliseconds = choice((0, 1, 999, 1000, self.random.randrange(4_000_000_000_000)))
                if shape.serialization.get("timestampFormat") == "rfc822":
                    milliseconds -= milliseconds % 1000
                return _START + timedelta(milliseconds=milliseconds)
        return self.string()

    def _can_say(self, value: Any) -> bool:
        """Whether a query has words for a value of a map: a key without a value would be no entry."""
        can = not self.full or not _says_nothing(value)
        self.left_out[NOTHING] += not can
        return can

    def string(self) -> str:
        return self.random.choice(self.strings)

    def _key(self, number: int) -> str:
        return f"{self.string()}{number}"

    def _structure(self, shape: Shape, depth: int) -> Any:
        if getattr(shape, "is_document_type", False):
            return self.random.choice(DOCUMENTS)
        members = shape.members
        if getattr(shape, "is_tagged_union", False):
            names = self._one_member(members, depth)
        else:
            wide = depth < _MAX_DEPTH and self.size < _MAX_SIZE
            names = [
                name
                for name, member in members.items()
                if scalar(member) or (wide and (self.dense or self.random.random() < 0.5))
            ]
            if not self.dense or self.size >= _MAX_SIZE:
                names = [name for name in names if self.random.random() < 0.7]
            if self.full and depth and not names:
                names = [name for name, member in members.items() if scalar(member)][:1]
        names = self._told_apart(shape, names)
        return {name: self.make(members[name], depth + 1) for name in names}

    def _told_apart(self, shape: Shape, names: list[str]) -> list[str]:
        """Without the members that share a name on the wire: s3's old `Event` and its `Events`."""
        places = [_place(name, member) for name, member in shape.members.items()]
        kept = [name for name in names if places.count(_place(name, shape.members[name])) == 1]
        self.left_out[SAME_NAME] += len(names) - len(kept)
        return kept

    def _one_member(self, members: Any, depth: int) -> list[str]:
        """The one member of a union; deep down one that goes no deeper, if there is one."""
        names = sorted(members)
        if depth >= _MAX_DEPTH:
            flat = [name for name in names if scalar(members[name])]
            shallow = [name for name in names if members[name].type_name in ("list", "map")]
            names = flat or shallow or names
        return [self.random.choice(names)]


def scalar(shape: Shape) -> bool:
    return shape.type_name not in ("structure", "list", "map")


def _says_nothing(value: Any) -> bool:
    """Whether a query has no parameter for the value; an empty list has one."""
    if isinstance(value, dict):
        return all(_says_nothing(item) for item in value.values())
    return isinstance(value, list) and bool(value) and all(_says_nothing(item) for item in value)


def _place(name: str, member: Shape) -> tuple[str | None, str]:
    return member.serialization.get("location"), member.serialization.get("name", name)
