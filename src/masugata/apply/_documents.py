"""Policies in the file, as text in it, or in files of their own."""

from pathlib import Path
from typing import Any

from masugata.apply.description import Document
from masugata.apply.document import DEEPEST, LARGEST, Node, Text, read_document
from masugata.apply.problems import InvalidFileError, Place, Problem, Problems, shown
from masugata.engines.policy.validation import Array, Object, UnreadableTextError, read_tree
from masugata.engines.policy.validation import Node as JsonNode
from masugata.engines.policy.validation import Text as JsonText

_NOTHING = Document(content=None)  # a problem has said why


class Documents:
    """Reads policies; files are relative to `folder`."""

    def __init__(self, problems: Problems, folder: Path) -> None:
        self._problems = problems
        self._folder = folder

    def document(self, node: Node | None, at: Node, what: str) -> Document:
        """A policy: a mapping, JSON in a text, or `{file: PATH}`; `at` is where it is missed."""
        if node is None:
            self._problems.add(at, f"{what} is missing")
            return _NOTHING
        if isinstance(node.value, dict) and list(node.value) == ["file"]:
            return self._file(next(iter(node.value.values())))
        if isinstance(node.value, str):
            return self._checked(self._json(node.value, node.place, inside=True), node)
        return self._checked(node, node)

    def _file(self, node: Node) -> Document:
        if not isinstance(node.value, str) or not node.value or "\0" in node.value:
            self._problems.add(node, "`file` must be the name of a file")
            return _NOTHING
        path = self._folder / node.value
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as error:
            self._problems.add(node, f"cannot read {shown(str(path))}: {error.strerror}")
            return _NOTHING
        try:
            if path.suffix in (".yaml", ".yml"):
                return self._checked(read_document(content, str(path)), node)
            return self._checked(self._json(content, Place(str(path), 1, 1), inside=False), node)
        except InvalidFileError as error:
            for problem in error.problems:
                self._problems.add(problem, problem.rule)
            return _NOTHING

    def _json(self, text: str | bytes, place: Place, *, inside: bool) -> Node | None:
        """JSON with its places: those of its own file, or, inside another, where its text begins."""
        try:
            tree = read_tree(text, deepest=DEEPEST)
        except UnreadableTextError as error:
            position = error.finding.locations[0].start
            where = place if inside else Place(place.file, position.line, position.column + 1)
            within = f", line {position.line} of the text" if inside else ""
            self._problems.add(Problem(where, ""), f"{error.finding.message}{within}")
            return None

        def at(node: JsonNode) -> Place:
            position = tree.lines.position(node.start)
            return place if inside else Place(place.file, position.line, position.column + 1)

        for key in tree.repeated:
            self._problems.add(Problem(at(key), ""), f"the name {shown(key.value)} occurs twice")

        def converted(node: JsonNode) -> Node:
            value: Any
            if isinstance(node, Object):
                value = {Text.at(at(key), key.value): converted(item) for key, item in node.members}
            elif isinstance(node, Array):
                value = [converted(item) for item in node.items]
            elif isinstance(node, JsonText):
                value = node.value
            else:
                word = node.value  # type: ignore[attr-defined]  # the only other kind is a scalar
                value = {"true": True, "false": False, "null": None}.get(word, word)
            return Node(at(node), value)

        return converted(tree.root)

    def _checked(self, node: Node | None, at: Node) -> Document:
        if node is None:
            return _NOTHING
        if not isinstance(node.value, dict):
            self._problems.add(at, "a policy must be a mapping, JSON in a text, or `file: NAME`")
            return _NOTHING
        return Document(content=node.plain(), node=node)
