"""Reads Java's regular expressions into a tree; only what can be matched in linear time."""

import re
import unicodedata
from typing import NoReturn, TypeAlias

import msgspec

from masugata.errors import MasugataError

_MAX_COUNT = 20_000
_MAX_DEPTH = 50

_DIGIT = ((0x30, 0x39),)
_WORD = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACE = ((0x09, 0x0D), (0x20, 0x20))
_LINE_END = ((0x0A, 0x0A), (0x0D, 0x0D), (0x85, 0x85), (0x2028, 0x2029))
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CONTROLS = {"t": 0x09, "n": 0x0A, "r": 0x0D, "f": 0x0C, "a": 0x07, "e": 0x1B}


class UnsupportedPatternError(MasugataError, ValueError):
    """The pattern uses what cannot be matched in linear time, or is not a regular expression."""


class CharacterSet(msgspec.Struct, frozen=True):
    """A set of characters: code point ranges, Unicode categories (`L`, `Nd`) and further sets."""

    ranges: tuple[tuple[int, int], ...] = ()
    categories: tuple[str, ...] = ()
    parts: "tuple[CharacterSet, ...]" = ()
    negated: bool = False

    def contains(self, character: str) -> bool:
        """Whether the set has `character`."""
        code = ord(character)
        found = (
            any(low <= code <= high for low, high in self.ranges)
            or (bool(self.categories) and unicodedata.category(character).startswith(self.categories))
            or any(part.contains(character) for part in self.parts)
        )
        return found is not self.negated

    def as_python(self) -> str | None:
        """The set as a class of Python's `re`, or None where `re` has no words for it."""
        if self.categories or self.parts or not self.ranges:
            return None
        body = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in self.ranges)
        return f"[{'^' if self.negated else ''}{body}]"


class Lookahead(msgspec.Struct, frozen=True):
    """A condition that reads nothing: on the next character (None: the end), or on being at the start."""

    following: CharacterSet | None = None
    negated: bool = False
    start: bool = False

    def holds(self, following: str | None, *, at_start: bool) -> bool:
        """Whether the condition holds before `following`."""
        if self.start:
            return at_start
        if self.following is None or following is None:
            # `$` has no set: it holds at the end only. A negated look-ahead holds there, too.
            return following is None and (self.following is None or self.negated)
        return self.following.contains(following) is not self.negated


class Sequence(msgspec.Struct, frozen=True):
    """One after the other."""

    parts: "tuple[Node, ...]"


class Alternation(msgspec.Struct, frozen=True):
    """One of several."""

    branches: "tuple[Node, ...]"


class Repetition(msgspec.Struct, frozen=True):
    """`body`, `least` to `most` times (None: without limit)."""

    body: "Node"
    least: int
    most: int | None


Node: TypeAlias = CharacterSet | Lookahead | Sequence | Alternation | Repetition


def parse(pattern: str) -> Node:
    """The tree of `pattern`; UnsupportedPatternError if it has constructs outside this subset."""
    return _Parser(pattern).whole()


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._depth = 0
        self._dot_all = False

    def whole(self) -> Node:
        if self._accept("(?s)"):
            self._dot_all = True
        node = self._alternation()
        if self._at != len(self._pattern):
            self._fail("an unbalanced parenthesis")
        return node

    def _fail(self, what: str) -> NoReturn:
        raise UnsupportedPatternError(f"`{self._pattern}` at {self._at}: {what}")

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        character = self._peek()
        if not character:
            self._fail("it ends too early")
        self._at += 1
        return character

    def _accept(self, text: str) -> bool:
        if self._pattern.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def _alternation(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._fail("it is nested too deeply")
        branches = [self._sequence()]
        while self._accept("|"):
            branches.append(self._sequence())
        self._depth -= 1
        return branches[0] if len(branches) == 1 else Alternation(tuple(branches))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repetition(self._atom()))
        # `^[a-z]*$` is `[a-z]*`: the whole value must match anyway.
        if len(parts) > 1 and parts[0] == Lookahead(start=True) and self._depth == 1:
            parts.pop(0)
        if len(parts) > 1 and parts[-1] == Lookahead() and self._depth == 1:
            parts.pop()
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repetition(self, node: Node) -> Node:
        while (bounds := self._quantifier()) is not None:
            node = Repetition(node, *bounds)
        return node

    def _quantifier(self) -> tuple[int, int | None] | None:
        if self._accept("*"):
            bounds: tuple[int, int | None] = (0, None)
        elif self._accept("+"):
            bounds = (1, None)
        elif self._accept("?"):
            bounds = (0, 1)
        elif self._peek() == "{":
            found = re.compile(r"\{(\d{1,6})(,?)(\d{0,6})\}").match(self._pattern, self._at)
            if found is None:
                self._fail("a quantifier that is none")
            self._at = found.end()
            least = int(found[1])
            most = int(found[3]) if found[3] else (None if found[2] else least)
            if max(least, most or 0) > _MAX_COUNT or (most is not None and most < least):
                self._fail("a quantifier out of range")
            bounds = (least, most)
        else:
            return None
        if self._peek() == "+":
            self._fail("a possessive quantifier")
        self._accept("?")  # greedy or lazy: the same strings match
        return bounds

    def _atom(self) -> Node:
        character = self._take()
        match character:
            case "(":
                return self._group()
            case "[":
                return self._character_class()
            case ".":
                return CharacterSet(() if self._dot_all else _LINE_END, negated=True)
            case "^":
                return Lookahead(start=True)
            case "$":
                return Lookahead()
            case "\\":
                return self._escape()
            case "*" | "+" | "?" | "{":
                self._fail("a quantifier of nothing")
        return CharacterSet(((ord(character), ord(character)),))

    def _group(self) -> Node:
        negated = self._accept("?!")
        if negated or self._accept("?="):
            inner = self._alternation()
            if not isinstance(inner, CharacterSet):
                self._fail("a look-ahead of more than one character")
            node: Node = Lookahead(inner, negated=negated)
        else:
            if not self._accept("?:") and self._peek() == "?":
                self._fail("an unsupported group")
            node = self._alternation()
        if not self._accept(")"):
            self._fail("an unbalanced parenthesis")
        return node

    def _escape(self) -> CharacterSet:
        """What follows a backslash, in a class or outside."""
        character = self._take()
        if character in _CLASSES:
            return CharacterSet(_CLASSES[character])
        if character.lower() in _CLASSES:
            return CharacterSet(_CLASSES[character.lower()], negated=True)
        if character in "pP":
            if not self._accept("{"):
                self._fail("an unsupported property")
            end = self._pattern.find("}", self._at)
            category = self._pattern[self._at : end]
            if end < 0 or not re.fullmatch(r"[LMNPSZC][a-z]?", category):
                self._fail("an unsupported property")
            self._at = end + 1
            return CharacterSet(categories=(category,), negated=character == "P")
        if character in _CONTROLS:
            code = _CONTROLS[character]
        elif character in "ux":
            code = self._hexadecimal(4 if character == "u" else 2)
            # Java reads an escaped surrogate pair as the one character that it stands for.
            if 0xD800 <= code <= 0xDBFF and re.compile(r"\\u[dD][c-fC-F]").match(self._pattern, self._at):
                self._at += 2
                code = 0x10000 + ((code - 0xD800) << 10) + (self._hexadecimal(4) - 0xDC00)
        elif character.isalnum():
            self._fail(f"the escape `\\{character}`")
        else:
            code = ord(character)
        return CharacterSet(((code, code),))

    def _hexadecimal(self, digits: int) -> int:
        text = self._pattern[self._at : self._at + digits]
        if not re.fullmatch(rf"[0-9A-Fa-f]{{{digits}}}", text):
            self._fail("a bad hexadecimal escape")
        self._at += digits
        return int(text, 16)

    def _character_class(self) -> CharacterSet:
        negated = self._accept("^")
        ranges: list[tuple[int, int]] = []
        categories: list[str] = []
        parts: list[CharacterSet] = []
        while not self._accept("]"):
            if self._peek() == "[" or self._pattern.startswith("&&", self._at):
                self._fail("an operation on classes")
            item = self._class_item()
            low = _single(item)
            if low is not None and self._range_follows():
                self._at += 1
                high = _single(self._class_item())
                if high is None or high < low:
                    self._fail("a bad range")
                ranges.append((low, high))
            elif item.negated:
                parts.append(item)
            else:
                ranges.extend(item.ranges)
                categories.extend(item.categories)
        if not (ranges or categories or parts):
            self._fail("an empty class")
        return CharacterSet(tuple(ranges), tuple(categories), tuple(parts), negated)

    def _class_item(self) -> CharacterSet:
        character = self._take()
        return self._escape() if character == "\\" else CharacterSet(((ord(character), ord(character)),))

    def _range_follows(self) -> bool:
        # In `[+=-]` and `[a-z-]` the last hyphen stands for itself; so it does before a class like `\w`.
        return self._peek() == "-" and not re.compile(r"-(?:\]|\\[wdsWDSpP])").match(self._pattern, self._at)


def _single(item: CharacterSet) -> int | None:
    """The one character that the item stands for, or None."""
    if item.negated or item.categories or len(item.ranges) != 1 or item.ranges[0][0] != item.ranges[0][1]:
        return None
    return item.ranges[0][0]
