"""What a value must have in it to be read for commands."""

from masugata.engines.waf.detectors.commands._words import CONNECTS, SHELLS

_GROUP = 80
_WRAPPERS = "(?:sudo|env|exec|command|nohup|time|eval|builtin|start|call)"


def hints(names: frozenset[bytes]) -> tuple[str, ...]:
    """Wherever a command of these names may be found; in groups, for Hyperscan has limits."""
    ordered = sorted(name.decode() for name in names)
    return _hints(
        tuple("|".join(ordered[start : start + _GROUP]) for start in range(0, len(ordered), _GROUP))
    )


def hints_for_re(names: frozenset[bytes]) -> tuple[str, ...]:
    """The same for `re`, which tries names one by one: by their first letters, in a tenth of the time."""
    rests: dict[str, list[str]] = {}
    for name in sorted(names):
        rests.setdefault(chr(name[0]), []).append(name[1:].decode())
    return _hints(("|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items()),))


def _hints(groups: tuple[str, ...]) -> tuple[str, ...]:
    begin = r"(?:[;|&`({]|\\n)[\s'\"(){!;|&@+,]{0,12}"
    line = r"[\r\n][\s'\"(){!;|&@+,]{0,12}"
    version = r"(?:\.(?:exe|com|bat|cmd)|\d\.\d{1,2})?"
    starts = "|".join(sorted(name.decode() for name in SHELLS | CONNECTS | {b"ping", b"ping6"}))
    return (
        *(rf"{begin}(?:{group}){version}{_BEHIND}" for group in groups),
        *(
            (
                rf"{line}(?:{group}){version}(?:\s{{1,8}}[-/~.$*<]|\s{{1,8}}[^\s]{{1,60}}[/.]|"
                rf"\s{{0,8}}[;|&`)#>}}]|\s{{0,8}}$)"
            )
            for group in groups
        ),
        # A folder, a wrapper, a variable or an assignment before the command.
        rf"{begin}{_FOLDER}[\w.?*\[\]-]",
        rf"{begin}(?:{_WRAPPERS}\s{{1,8}}|\.\s{{1,8}}[\w./\\]|\$\w{{1,8}}\s{{1,8}})",
        rf"{begin}{_ASSIGNED}(?:{_WRAPPERS}\s|\.\s|\$\w|\w{{3,20}}=|{_FOLDER})",
        *(rf"{begin}{_ASSIGNED}(?:{group}){version}{_BEHIND}" for group in groups),
        *(rf"^[\s'\"]{{0,4}}{_WRAPPERS}\s{{1,8}}(?:{group}){_BEHIND}" for group in groups),
        *(rf"^[\s'\"]{{0,8}}(?:{group}){version}\s{{1,8}}--[a-z]" for group in groups),
        # A value that begins with a command.
        r"^[\s'\"]{0,8}(?:[a-z]:)?[/\\](?:[\w.-]{1,30}[/\\]){0,4}(?:s?bin|windows)[/\\]",
        r"^[\s'\"]{0,8}(?:usr/)?s?bin/",
        rf"^[\s'\"]{{0,8}}(?:[^\s]{{1,12}}\s)?(?:{starts}){version}\s{{1,8}}-",
        # Values are joined by a byte that does not go on in a command: the path behind a word is no folder.
        (
            r"^[\s+'\"]{0,8}\w{1,20}[ \t\f\v<+][^\r\n\xff]{0,24}/"
            r"(?:(?:etc|bin|var|tmp|proc|home|root|usr|dev)\b|$)"
        ),
        # A name that quotes, backslashes or empty expansions part.
        _PARTED,
    )


# What must follow a name for it to be called: an end, a space, a path, or what a shell takes away. A key of
# JSON or a type of data (`{"id":`, `;base64,`) is followed by something else.
_BEHIND = r"(?:[\s;|&`)#}<>/\\^$%{]|['\"](?:[^:=]|$)|$)"
_FOLDER = r"(?:[.~]{0,3}[/\\]|[a-z]:[/\\]|(?:usr|bin)/)"
_ASSIGNED = r"\w+=[^\s;|&,'\"]*\s+['\"]{0,2}"
_PARTED = (
    r"\w(?:\\{1,4}|''|\"\"|\$[@*!\d$]|\$\{[^}]{0,20}\}|\$\(\w{0,8}\)|"
    r"``|\^)[\w/?*.]|\w['\"]\w{1,12}['\"]|\w\$[a-z_]\w{0,12}[^\w(]|"
    r"[;|&`(\n\r]\s{0,4}(?:['\"]\w{1,12}['\"]\w|\\{1,4}\w|\$[@*!\d$]\w|\$\{[^}]{0,20}\}\w)"
)
UNIX_HINTS = (
    r"\{,\s{0,4}\w[\w.-]{0,23}[,}]",
    r"\$\{?ifs",
    r"\{[\w./-]{0,40},[^{}\s]{1,60}\}",
    r"/[\w.?*\[\]-]{0,20}[?*\[][\w.?*\[\]!^\\'\"$@-]{0,20}/{1,3}[\w?*\[]",
    r"/(?:s?bin|usr|etc|dev|proc)/{1,3}[\w.?*\[\]!^\\'\"$@-]{0,20}[?*\[]",
)
