"""YAML, and JSON, as a tree in which everything knows where it stands.

Only what JSON has: mappings with texts as keys, sequences, texts, `true`, `false` and `null`. A plain scalar
is a text otherwise, so that `2012-10-17`, `no` and `012345678901` mean what they say: no policy language of
AWS's has numbers. Anchors, aliases, tags, names that occur twice and further documents are refused.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NoReturn

from masugata.apply.problems import InvalidFileError, Place, Problem, shown

if TYPE_CHECKING:
    import yaml

LARGEST: Final = 4 * 1024 * 1024  # bytes
DEEPEST: Final = 48
_MOST_NODES: Final = 400_000
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}


class Node:
    """A value: `value` is a text, a truth value, None, a list of nodes, or a dict from `Text` to nodes."""

    __slots__ = ("place", "value")

    def __init__(self, place: Place, value: Any) -> None:
        self.place = place
        self.value = value

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {str(key): item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value


class Text(str):
    """The name of a member, which knows its place."""

    __slots__ = ("place",)
    place: Place

    @classmethod
    def at(cls, place: Place, text: str) -> "Text":
        """A name."""
        made = cls(text)
        made.place = place
        return made


def read_document(content: bytes, file: str) -> Node:
    """The tree of one file of at most `LARGEST` bytes; raises `InvalidFileError` at the first thing wrong."""
    import yaml  # noqa: PLC0415  40 ms, which only those who read YAML wait for

    if len(content) > LARGEST:
        _fail(Place(file, 1, 1), f"the file is larger than {LARGEST >> 20} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        _fail(Place(file, line, error.start - content.rfind(b"\n", 0, error.start)), "this is not UTF-8")
    try:
        return _Builder(file).document(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        _fail(place, f"this is not YAML: {error.problem or error.context}")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        place = Place(file, line, error.position - text.rfind("\n", 0, error.position))
        _fail(place, f"the character U+{error.character:04X} is not allowed here")
    except (ValueError, OverflowError):  # an escape beyond Unicode, a version of too many digits
        _fail(Place(file, 1, 1), "this is not YAML: a number in it is out of range")


class _Builder:
    """Makes the tree of the parser's events, without recursion in the parser and with bounds of its own."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._nodes = 0

    def document(self, events: "Iterator[yaml.Event]") -> Node:
        import yaml  # noqa: PLC0415

        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._fail(event, "one file has one document")
            elif isinstance(event, yaml.NodeEvent):
                root = self._node(event, events, 1)
        if root is None:
            _fail(Place(self._file, 1, 1), "the file is empty")
        return root

    def _node(self, event: "yaml.NodeEvent", events: "Iterator[yaml.Event]", depth: int) -> Node:
        import yaml  # noqa: PLC0415

        self._nodes += 1
        if depth > DEEPEST:
            self._fail(event, f"this is nested deeper than {DEEPEST} levels")
        if self._nodes > _MOST_NODES:
            self._fail(event, f"there are more than {_MOST_NODES} values in the file")
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._fail(event, "anchors and aliases are not allowed: write it out")
        if event.tag is not None:
            self._fail(event, f"tags are not allowed: {shown(event.tag)}")
        place = self._place(event)
        if isinstance(event, yaml.ScalarEvent):
            return Node(place, self._scalar(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(place, self._sequence(events, depth))
        return Node(place, self._mapping(events, depth))

    def _sequence(self, events: "Iterator[yaml.Event]", depth: int) -> list[Node]:
        import yaml  # noqa: PLC0415

        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        return items

    def _mapping(self, events: "Iterator[yaml.Event]", depth: int) -> dict[Text, Node]:
        import yaml  # noqa: PLC0415

        members: dict[Text, Node] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events, depth + 1)
            name = event.value if isinstance(event, yaml.ScalarEvent) else None
            if name is None or (event.style is None and name in ("<<", "")):
                self._fail(event, "a name must be a text")
            if name in members:
                self._fail(event, f"the name {shown(name)} occurs twice")
            members[Text.at(key.place, name)] = self._node(next(events), events, depth + 1)
        return members

    def _scalar(self, event: "yaml.ScalarEvent") -> str | bool | None:
        text: str = event.value
        if any("\ud800" <= character <= "\udfff" for character in text):
            try:  # JSON writes characters beyond the first plane as two escapes
                text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            except UnicodeDecodeError:
                self._fail(event, "half of a surrogate pair is not text")
        plain = event.style is None
        return _WORDS[text] if plain and text in _WORDS else text

    def _place(self, event: "yaml.Event") -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _fail(self, event: "yaml.Event", rule: str) -> NoReturn:
        _fail(self._place(event), rule)


def _fail(place: Place, rule: str) -> NoReturn:
    raise InvalidFileError([Problem(place, rule)])
