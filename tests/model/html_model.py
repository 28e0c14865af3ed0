"""HTML's tokenizer, a character at a time, as the standard's states say; slow, and plain to see.

https://html.spec.whatwg.org/multipage/parsing.html#tokenization, but for text, references and raw text.
DOCTYPEs are bogus comments, which end where they do; `</>` is an empty one; an open tag is kept at the end.
"""

SPACE = b"\t\n\f\r "
LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def tokens(data):
    """Kinds, names and attributes of all markup, in order."""
    position = 0
    found = []
    while position < len(data):
        if data[position : position + 1] != b"<":
            position += 1
            continue
        position = _markup(data, position + 1, found)
    return found


def _markup(data, position, found):
    """The tag open state."""
    if data[position : position + 1] == b"/":
        if position + 1 < len(data) and data[position + 1] in LETTERS:
            return _tag(data, position + 1, found, "end tag")
        return _bogus(data, position + 1, found)
    if data[position : position + 3] == b"!--":
        return _comment(data, position + 3, found)
    if data[position : position + 1] in (b"!", b"?"):
        return _bogus(data, position + 1, found)
    if position < len(data) and data[position] in LETTERS:
        return _tag(data, position, found, "start tag")
    return position


def _bogus(data, position, found):
    while position < len(data) and data[position : position + 1] != b">":
        position += 1
    found.append(("bogus comment", None, None))
    return position + 1


def _comment(data, position, found):
    """The comment states: it ends at `-->` and `--!>`, and at once at `>` and `->`."""
    found.append(("comment", None, None))
    start = position
    while position < len(data):
        rest = data[position:]
        if position == start and (rest.startswith((b">", b"->"))):
            return position + (1 if rest.startswith(b">") else 2)
        if rest.startswith(b"-->"):
            return position + 3
        if rest.startswith(b"--!>"):
            return position + 4
        position += 1
    return position


def _tag(data, position, found, kind):
    name = bytearray()
    while position < len(data) and data[position] not in SPACE + b"/>":
        name.append(data[position])
        position += 1
    attributes = []
    found.append((kind, bytes(name).lower(), attributes))
    while position < len(data):
        character = data[position : position + 1]
        if character == b">":
            return position + 1
        if character in (b"\t", b"\n", b"\f", b"\r", b" ", b"/"):
            position += 1
            continue
        position = _attribute(data, position, attributes)
    return position


def _attribute(data, position, attributes):
    """The states from the attribute name on; a first equals sign is part of the name."""
    name = bytearray(data[position : position + 1])
    position += 1
    while position < len(data) and data[position] not in SPACE + b"/>=":
        name.append(data[position])
        position += 1
    behind = position
    while behind < len(data) and data[behind] in SPACE:
        behind += 1
    if data[behind : behind + 1] != b"=":
        attributes.append((bytes(name).lower(), b""))
        return position
    position = behind + 1
    while position < len(data) and data[position] in SPACE:
        position += 1
    quote = data[position : position + 1]
    value = bytearray()
    if quote in (b'"', b"'"):
        position += 1
        while position < len(data) and data[position : position + 1] != quote:
            value.append(data[position])
            position += 1
        position += 1
    else:
        while position < len(data) and data[position] not in SPACE + b">":
            value.append(data[position])
            position += 1
    attributes.append((bytes(name).lower(), bytes(value)))
    return position
