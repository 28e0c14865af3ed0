"""Paths that lead above where they begin, however their dots and slashes are spelt.

Sources: CWE-22 to CWE-37 (each kind of dots and slashes has its number); OWASP WSTG-ATHZ-01; CVE-2000-0884
(Unicode in IIS), CVE-2021-41773 (Apache), CVE-2018-1271 and CVE-2020-5410 (Spring), CVE-2020-5902 (`..;/`).
"""

import re

from masugata.engines.waf.detectors._detector import Evidence, Place
from masugata.engines.waf.detectors._prose import is_prose
from masugata.engines.waf.detectors._signs import CERTAIN, LIKELY, MORE, POSSIBLE, WEAK

# Spellings that no decoder gives back as dots and slashes, but some server or filter of old did, or is
# hoped to.
_DOT = (
    r"(?:\.|%%?(?:25){0,4}(?:2e|32%65|%32%65|uff0e|u002e|c0%(?:25)?(?:2e|"
    r"ae|6e|ee|fe)|e0%(?:25)?(?:40|80)%(?:25)?ae)|0x2e|\\u002e|&#0{0,4}46;?|"
    r"\xc0[\x2e\xae\x6e\xee\xfe]|\xc0%(?:25)?(?:2e|ae)|%u2024)"
)
_SLASH = (
    r"(?:[/\\]|%%?(?:25){0,4}(?:2f|5c|32%66|%32%66|35%63|%35%63|"
    r"u2215|u2216|uefc8|uf025|uff0f|uff3c|u005c|u002f|c0%(?:25)?(?:2f|"
    r"af|5c|9v|qf|6f|ef|ff)|c1%(?:25)?(?:1c|9c|8s|af|pc|qf)|"
    r"bg%qf|e0%(?:25)?80%(?:25)?af|f[08]%(?:25)?80%(?:25)?80%(?:25)?(?:80%(?:25)?)?af|"
    r"fc%(?:25)?80%(?:25)?80%(?:25)?80%(?:25)?80%(?:25)?af)|0x2f|"
    r"0x5c|\xc0[\x2f\xaf\x5c]|\xc1[\x1c\x9c\xaf\x8s]|"
    r"\xc0%(?:25)?(?:2f|af|5c|9v|qf)|\xc1%(?:25)?(?:1c|9c|8s|af|pc|qf)|\xef\x80\xa5|\xee\xbf\x88)"
)
_SLASH = _SLASH.replace(r"\x8s", "")
# Spelt out twice: `re` then knows the bytes that it begins with, and skips all others.
_STEP = re.compile(f"{_DOT}{_DOT};?{_SLASH}".encode("latin-1"))
_PERCENTS = re.compile(rb"%{5,}")
_ANY_DOTS = re.compile(_DOT.encode("latin-1"))
_ANY_SLASH = re.compile(_SLASH.encode("latin-1"))
_SPELT = re.compile(rb"%|0x2|0x5c|\\u002e|&#|[\xc0\xc1]")
# URLs within URLs have their slashes encoded, as often as they were put into each other; dots never need it.
_NESTED = re.compile(rb"\.\.%(?:25){0,4}(?:2f|5c)")
_APART = bytes(0x20 if byte in b"\"'<>|,()[]`&=?{}" else byte for byte in range(256))
"""What stands between paths becomes spaces."""
_SEPARATORS = re.compile(rb"[/\\]+")
_FAT = re.compile(rb"(?:^|[/\\])\.{3,}(?:[/\\]+\.{2,})*[/\\]+[^\s.]")
_RUN = re.compile(rb"^[/\\]?\.{6,}[/\\]?[^\s./\\]|[/\\]\.{6,}[^\s./\\]")
# Path parameters, and what is a step once a filter has taken `../` out of it.
_RESIDUES = (b"..;/", b"..././")
_MOST_TOKENS = 400
_LONGEST = 8_192
"""Of a path: no honest one is longer and has steps upwards."""
_SHOWN = 200


class Traversal:
    """Walks each path in a value, and counts how far above its beginning it comes."""

    family = "traversal"
    hints = (
        r"\.\.;?[/\\]",
        r"(?:^|[/\\])\.{3,}[/\\]+[^\s]",
        r"(?:^|[/\\])\.{6,}[^\s./\\]",
        rf"{_DOT}{{2}};?{_SLASH}",
        r"[/\\]\.\.(?:[^a-z0-9.]|$)",
        r"^[/\\].{0,60}[/\\]\.[/\\]",
    )

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence; links between the pages of a document, which go few steps up, are none."""
        lowered = value.lower()
        whole = place in {Place.PATH, Place.FILE_NAME} or not re.search(rb"\s", lowered.strip())
        best: tuple[int, str, bytes] | None = None
        if b"%%%%%" in lowered:
            # Of so many the last three may belong to a spelling; the others only cost time.
            lowered = _PERCENTS.sub(b"%%%%", lowered)
        tokens: list[bytes] = []
        if _may_lead_up(lowered):
            # most words are done with in a list comprehension, without a call
            paths = [
                token
                for token in set(lowered.translate(_APART).split())
                if b".." in token or b"%" in token or b"0x" in token or b"\\" in token or not token.isascii()
            ]
            tokens = [token for token in paths if _leads_up(token)]
        if any(len(token) > _LONGEST for token in tokens):
            return Evidence(self.family, "steps upwards in a path longer than any", (), LIKELY)
        for token in sorted(tokens)[:_MOST_TOKENS]:
            judged = _judge(token, place, whole=whole)
            if judged is not None and (best is None or judged[0] > best[0]):
                best = judged
                if best[0] >= CERTAIN:
                    break
        if len(tokens) > _MOST_TOKENS and (best is None or best[0] < POSSIBLE):
            return Evidence(self.family, f"{MORE} of steps upwards", (), POSSIBLE)
        if best is None:
            best = _dots(lowered, whole=whole)
        if best is None:
            return None
        return Evidence(self.family, best[1], (best[2][:_SHOWN],), best[0])


def _may_lead_up(text: bytes) -> bool:
    """Whether there is anything in it that would be a step upwards in one of its paths."""
    plain = b".." in text and any(step in text for step in (b"../", b"..\\", b"..;", b"/..", b"\\.."))
    return plain or _STEP.search(text) is not None


def _leads_up(token: bytes) -> bool:
    """Whether there may be a step upwards in it."""
    if b".." in token and (
        b"../" in token or b"..\\" in token or b"..;" in token or token.endswith((b"/..", b"\\.."))
    ):
        return True
    return _SPELT.search(token) is not None and _STEP.search(token) is not None


def _judge(token: bytes, place: Place, *, whole: bool) -> tuple[int, str, bytes] | None:
    """How a path is spelt, and how far up it leads."""
    path, disguised = _normal(token, place)
    if b"../" not in path and not path.endswith(b"/.."):
        return None
    segments = _SEPARATORS.split(path)
    depth = lowest = steps = 0
    for segment in segments:
        if segment in {b"..", b"..;"}:
            depth -= 1
            steps += 1
            lowest = min(lowest, depth)
        elif segment.strip(b".;") and not segment.endswith(b":"):
            depth += 1
    if not steps:
        return None
    if disguised:
        return CERTAIN if steps > 1 or whole else LIKELY, "steps upwards in disguise", token
    if b"\0" in path or b"%00" in path:
        return LIKELY, "steps upwards and the end of a text within it", token
    if place is Place.PATH:
        return (CERTAIN if lowest < 0 else LIKELY), "steps upwards in the path of a request", token
    if b"..;" in path or b"\\../" in token or b"/..\\" in token:
        return LIKELY, "steps upwards in disguise", token
    return _plain(token, path, steps, lowest, whole=whole)


def _plain(
    token: bytes, path: bytes, steps: int, lowest: int, *, whole: bool
) -> tuple[int, str, bytes] | None:
    """Ordinary steps, as honest links have them too."""
    rooted = path.startswith(b"/")
    noisy = b"//.." in path or b"/./.." in path or b"..//" in path
    if rooted and lowest < 0:
        return (LIKELY if whole or steps > 2 else POSSIBLE), "a path above the root", token
    if noisy and steps > 1:
        return LIKELY if whole else POSSIBLE, "steps upwards between what changes nothing", token
    if lowest <= -5:
        return LIKELY if whole else POSSIBLE, "many steps upwards", token
    if whole and lowest <= -2:
        return POSSIBLE, "a value that leads upwards", token
    if rooted and whole and steps > 1:
        return POSSIBLE, "a path that turns back", token
    return WEAK, "a step upwards", token


def _normal(token: bytes, place: Place) -> tuple[bytes, bool]:
    """The path with plain dots and slashes, and whether any of its steps was spelt otherwise."""
    disguised = False
    if _SPELT.search(token):
        step = _STEP.search(token)
        if step is not None and _SPELT.search(step[0]):
            disguised = place is Place.PATH or any(
                _NESTED.fullmatch(found) is None and _SPELT.search(found)
                for found in set(_STEP.findall(token))
            )
            token = _ANY_SLASH.sub(b"/", _ANY_DOTS.sub(b".", token))
    path = token.replace(b"\\", b"/")
    for residue in _RESIDUES:
        if residue in path:
            path, disguised = path.replace(residue, b"../"), True
    if b"...." in path and b"//" in path:
        # What is left when a filter has taken `../` out of `....//` once.
        disguised = disguised or b"....//" in path
        path = path.replace(b"....//", b"../")
    elif b".../...//" in path:
        path, disguised = path.replace(b".../...//", b"../"), True
    return path, disguised


def _dots(value: bytes, *, whole: bool) -> tuple[int, str, bytes] | None:
    """Three and more dots, which some systems took for several steps, or a filter left of them."""
    found = _FAT.search(value) if b"..." in value else None
    if found is not None and (whole or found[0].count(b"...") > 2):
        several = found[0].count(b"...") > 1 or value.startswith((b"/...", b"\\...", b"..."))
        if several and not is_prose(value):
            return (LIKELY if found[0].count(b"...") > 1 else POSSIBLE), "folders of dots", found[0]
    run = _RUN.search(value) if b"......" in value else None
    if run is not None and whole and not is_prose(value):
        return POSSIBLE, "dots of steps upwards whose slashes are gone", run[0]
    if (
        whole
        and b"//" in value
        and value.startswith((b"/", b"\\"))
        and _SEPARATORS.split(value).count(b".") > 1
    ):
        return POSSIBLE, "a path of what changes nothing", value
    return None


TRAVERSAL = Traversal()
"""Finds path traversal."""
