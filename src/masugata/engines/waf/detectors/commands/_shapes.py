"""What a command is called with, and how its name is hidden."""

import re

END = re.compile(rb"\s*(?:\Z|[;|&`)#\n}<>]|\d>|['\"]\s*(?:\Z|[;|&)\],#]))")
OPTION = re.compile(rb"\s+--?[a-z0-9]")
PATH = re.compile(
    rb"\s*(?:[\s<]\s*(?:/|\.{1,2}/|~|\$|\*|[a-z]:|[^\s;|&]{0,20}[*?\[]|"
    rb"[\w.-]{1,30}\.(?:txt|php|py|sh|pl|rb|conf|ini|log|js|xml|bat|"
    rb"exe|c|html|asp|jsp)\b|[\w.-]{1,30}/[\w.-])|/)"
)
PLACE = re.compile(
    rb"(?:\s+-\S{1,20}(?:\s+\d{1,6})?){0,4}\s+['\"]?(?:https?:|ftp:|"
    rb"//|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|[\w-]{1,60}\.[a-z]{2,12}\b|"
    rb"localhost)"
)
LONG_OPTION = re.compile(rb"\s+--[a-z]{2}")
NUMBER = re.compile(rb"\s*\d")
WORD = re.compile(rb"\s+['\"]?[\w$.]")
RUN = re.compile(rb"(?:\s+-\w{1,12}){0,3}\s+-[a-z]{0,6}[cerin]\b")
WINDOWS_ARGUMENT = re.compile(
    rb"\s*(?:\s+|(?=[/\\]))(?:/[a-z?]{1,12}\b|[a-z]:|\\|%|\.\.|\*|"
    rb"-[a-z]|user\b|localgroup\b|view\b|share\b|group\b|start\b|stop\b|"
    rb"query\b|add\b|process\b|os\b|useraccount\b)"
)

_IFS = re.compile(rb"\$(?:\{ifs[^}]{0,20}\}|ifs(?:\$\d)?)|%0[9ad]|\$(?:\{?\w{0,2}%%[^}]{0,10}\}?)")
_BRACES = re.compile(rb"\{([^{}\s,]{0,40},[^{}\s]{0,80})\}")
_NOTHING = re.compile(rb"\$(?:[@*!$\d]|\{[\w@*#!:%?+-]{0,12}\}|\(\w{0,8}\)|[a-z_]\w{0,12}(?=[^\w(]|\Z))|``")
_GONE = b"\\'\"^"


def flat(text: bytes) -> bytes:
    """The command as the shell reads it: quotes and empty expansions gone, spaces where it makes them."""
    if b"$" in text or b"`" in text:
        text = _IFS.sub(b" ", text)
        text = _NOTHING.sub(b"", text)
    if b"{" in text:
        text = _BRACES.sub(lambda found: found[1].replace(b",", b" "), text)
    return text.translate(None, _GONE)


_IN_BIN = (
    b"cat ls sh bash id nc echo ping uname rm cp dd ps sleep tac more head tail less nl grep base64 whoami "
    b"wget curl python perl php env netcat nc.traditional dash zsh vi find"
)
_IN_USR_BIN = (
    b"id who whoami curl wget python python3 perl php env base64 tail head less nc cat tac nl bash sh ls find"
)
_FILES = b"etc/passwd etc/shadow etc/hosts etc/group etc/issue etc/hostname proc/self/environ dev/tcp"
_TARGETS = tuple(
    path.split(b"/")
    for path in (
        *(b"bin/" + name for name in _IN_BIN.split()),
        *(b"usr/bin/" + name for name in _IN_USR_BIN.split()),
        *_FILES.split(),
    )
)  # fmt: skip
_CALLED = rb"[\w.?*\[\]!^\\'\"$@-]{1,20}"
# Its first slash apart, for `re` to search for it; of a run of slashes the first, lest all that follow are
# read for each of them.
GLOBBED = re.compile(rb"/(?<!//)/*+" + _CALLED + rb"(?:/++" + _CALLED + rb"){1,3}")


def globs_a_target(path: bytes) -> bool:
    """Whether a shell would find a program or a file of accounts under a path with `?`, `*` or `[...]`."""
    if len(path.translate(None, b"/?*[]-!^")) < 2 and path.count(b"?") < 3:
        return False
    parts = path.strip(b"/").split(b"/")
    plain = [(at, part) for at, part in enumerate(parts) if _SPECIAL.search(part) is None]
    return any(
        len(parts) == len(target)
        and all(target[at] == part for at, part in plain)
        and all(_globs(part, name) for part, name in zip(parts, target, strict=True))
        for target in _TARGETS
    )


def _globs(pattern: bytes, name: bytes) -> bool:
    """One segment, at most twenty bytes: the places in the pattern that each byte of the name leads to."""
    if _SPECIAL.search(pattern) is None:
        return pattern == name
    if pattern[:1] not in _OPENING and pattern[0] != name[0]:
        return False
    items = _ITEMS.findall(pattern)
    if items and all(item == b"*" for item in items):
        return False
    reached = _after_stars(items, {0})
    for byte in name:
        reached = _after_stars(items, _stepped(items, reached, bytes((byte,))))
    return len(items) in reached


_SPECIAL = re.compile(rb"[?*\[]")
_OPENING = frozenset({b"", b"?", b"*", b"["})
_ITEMS = re.compile(rb"\[[^\]]{1,16}\]|.")


def _after_stars(items: list[bytes], reached: set[int]) -> set[int]:
    found = set(reached)
    for place in sorted(reached):
        end = place
        while end < len(items) and items[end] == b"*":
            end += 1
            found.add(end)
    return found


def _stepped(items: list[bytes], reached: set[int], byte: bytes) -> set[int]:
    found = set()
    for place in reached:
        if place == len(items):
            continue
        item = items[place]
        if item == b"*":
            found.add(place)
        elif item in {b"?", byte} or (len(item) > 1 and _in_class(item[1:-1], byte)):
            found.add(place + 1)
    return found


def _in_class(members: bytes, byte: bytes) -> bool:
    negated = members[:1] in {b"!", b"^"}
    members = members[1:] if negated else members
    inside = (
        byte in members
        or b"?" in members
        or any(
            low <= byte[0] <= high for low, high in zip(members, members[2:], strict=False) if b"-" in members
        )
    )
    return inside is not negated
