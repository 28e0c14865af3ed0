"""URLs that make a server fetch what only it can reach: metadata services, itself, its network, odd schemes.

Sources: CWE-918; OWASP Server-Side Request Forgery Prevention Cheat Sheet; PortSwigger's URL validation
bypass cheat sheet.
"""

import re
from functools import lru_cache

from masugata.engines.waf.detectors._detector import Evidence, Place
from masugata.engines.waf.detectors._hosts import METADATA_NAMES, WILDCARDS, Host, classify
from masugata.engines.waf.detectors._prose import is_prose
from masugata.engines.waf.detectors._signs import CERTAIN, LIKELY, MORE, POSSIBLE, WEAK, Sign, SignDetector

_SCHEME = (
    r"(?:https?|wss?|s?ftps?|tftp|ldaps?|gopher|dict|rsync|git|ssh|"
    r"smb|tcp|udp|imaps?|telnet|jar:https?|url:https?|view-source:https?|"
    r"irc|rtmp|rtsp|svn|nntp|pop3s?|smtps?|redis|mysql|acap|amqp|"
    r"ajp|mms|sips?|xmpp|vnc)"
)
_URL = re.compile((r"(?:^|(?<![a-z0-9]))(" + _SCHEME + r"):[/\\]{0,6}([^\s/\\?#\"'<>|;,)}]{1,320})").encode())
_BARE = re.compile(rb"[\s'\"]{0,4}(?:[/\\]{2})?([0-9a-fx.\[\]:]{3,60}?)(?::\d{1,5})?(?:[/\\?#]|\s*\Z)")
_NUMBER = "(?:0x[0-9a-f]{1,16}|[0-9]{1,16})"
# No number that a plain address has.
_ODD = "(?:0x[0-9a-f]{1,16}|0[0-9]{1,15}|[0-9]{4,16}|[3-9][0-9]{2}|2[6-9][0-9]|25[6-9])"
# An address without a scheme: that of metadata in one to four numbers, or one of four with an odd one.
_BARE_HINT = (
    r"^[\s'\"]{0,4}(?:[/\\]{2})?(?:0x[0-9a-f]{1,8}|0[0-7]{3,11}|285[12][0-9]{6}|(?:0x|0[0-7]|169|425|681|937)"
    rf"[0-9a-fx]{{0,16}}\.[0-9a-fx.]{{1,40}}|{_ODD}(?:\.{_NUMBER}){{3}}|{_NUMBER}\.{_ODD}(?:\.{_NUMBER}){{2}}|"
    rf"(?:{_NUMBER}\.){{2}}{_ODD}\.{_NUMBER}|(?:{_NUMBER}\.){{3}}{_ODD}|\[[0-9a-f:.]{{2,40}}\])"
    r"\.?(?::\d{1,5})?(?:[/\\?#\s]|$)"
)
_HINTED_BARE = re.compile(_BARE_HINT.encode())
_PORT = re.compile(rb":\d{0,5}\Z")
_MOST_URLS = 1_000
_FEW_URLS = 4
_SHOWN = 200

# How sure it is where the value is little but the URL, and where it is in text.
_SCORES = {
    Host.METADATA: (CERTAIN, POSSIBLE),
    Host.DISGUISED: (LIKELY, POSSIBLE),
    Host.ODD: (LIKELY, POSSIBLE),
    Host.WILDCARD: (POSSIBLE, WEAK),
    Host.LOCAL: (WEAK, WEAK),
    Host.PRIVATE: (WEAK, WEAK),
}
_NAMES = "|".join(name.decode().replace(".", r"\.") for name in (*METADATA_NAMES, *WILDCARDS))
_BEHIND = r"(?:[:/?#\s\\\"'<>|;,)}]|$)"
_HOST_HINTS = (
    r"169\.254\.|100\.100\.100\.200|192\.0\.0\.192|168\.63\.129\.16|fd00:ec2|fd20:ce",
    rf"{_SCHEME}:[/\\]{{0,6}}[^\s/\\?#\"'<>|;,)}}]{{0,240}}(?:{_NAMES})",
    (
        rf"{_SCHEME}:[/\\]{{0,6}}(?:[^\s/\\?#\"'<>|;,)}}]{{1,200}}@)?(?:0x[0-9a-f]|"
        rf"0[0-7]|\[|[0-9]{{1,10}}\.?{_BEHIND}|[0-9a-fx]{{1,10}}\.[0-9a-fx]{{1,10}}(?:\.|{_BEHIND}))"
    ),
    (
        rf"{_SCHEME}:[/\\]{{0,6}}(?:[^\s/\\?#\"'<>|;,)}}]{{1,200}}@)?(?:127\.|"
        rf"0\.0\.0\.0|localhost|[a-z0-9-]{{1,60}}\.localhost|10\.|192\.168\.|"
        r"172\.)"
    ),
    rf"{_SCHEME}:[/\\]{{0,6}}[^\s/?#\"'<>|;,)}}]{{0,60}}[\xc2-\xef]",
    _BARE_HINT,
)  # fmt: skip


@lru_cache(maxsize=1)
def _urls(lowered: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """The hosts of all URLs, with users and ports, each once and with its URL; kept for who asks next."""
    found: dict[bytes, bytes] = {}
    for match in _URL.finditer(lowered):
        found.setdefault(match[2], match[0])
        if len(found) > _MOST_URLS:
            break
    return tuple(found.items())


class Hosts:
    """Classifies the hosts of all URLs in a value."""

    family = "ssrf"
    hints = _HOST_HINTS

    def __init__(self, wanted: frozenset[Host]) -> None:
        """`wanted` are the kinds of hosts that are evidence."""
        self._wanted = wanted

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence; private addresses, which honest values name too, weigh little."""
        lowered = value.lower()
        best: tuple[int, Host, bytes] | None = None
        urls = _urls(lowered)
        for authority, url in urls[:_MOST_URLS]:
            best = self._better(best, authority, url, value)
        hinted = place is not Place.PATH and _HINTED_BARE.match(lowered) is not None
        bare = _BARE.match(lowered) if hinted else None
        if bare is not None:
            best = self._better(best, bare[1], bare[0], value, bare=True)
        if best is None or (len(urls) > _MOST_URLS and best[0] < POSSIBLE):
            return Evidence(self.family, f"{MORE} of URLs", (), POSSIBLE) if len(urls) > _MOST_URLS else None
        score, host, matched = best
        return Evidence(self.family, f"a URL of {host.value}", (matched[:_SHOWN],), score)

    def _better(
        self,
        best: tuple[int, Host, bytes] | None,
        authority: bytes,
        url: bytes,
        value: bytes,
        *,
        bare: bool = False,
    ) -> tuple[int, Host, bytes] | None:
        host = classify(_PORT.sub(b"", authority.rpartition(b"@")[2]))
        if host is None and b"@" in authority:
            host = classify(authority.partition(b"@")[0].partition(b":")[0])
        if (
            host is None
            or host not in self._wanted
            or (
                bare
                and host is not Host.METADATA
                and not (host is Host.DISGUISED and authority.count(b".") == 3)
            )
        ):
            return best
        whole, in_text = _SCORES[host]
        score = whole if not is_prose(value) else in_text
        return best if best is not None and best[0] >= score else (score, host, url)


_ODD_SCHEMES = (
    r"(?:gopher|dict|tftp|netdoc|ldaps?|jar|sftp|phar|expect|php|"
    r"glob|rmi|iiop|corba|nis|nds|unix|local_file|file|rsync|url:file|"
    r"ogg|ssh2|vbscript|mailto:x|imap|smtp|telnet|finger)"
)
_SCHEMES = (
    Sign(
        CERTAIN,
        "a scheme that speaks other protocols",
        ("gopher:", "dict:", "netdoc:", "local_file:", "url:file"),
        r"(?:gopher|dict|netdoc|local_file|url:file):(?:/|[^\s]{0,40}:\d)",
        r"(?:^|[^a-z0-9_])",
        POSSIBLE,
    ),
    Sign(
        LIKELY,
        "a scheme that no client is asked to fetch",
        ("tftp:", "ldap:", "ldaps:", "rmi:", "sftp:", "rsync:", "jar:", "smb:", "finger:", "iiop:"),
        (
            r"(?:tftp|ldaps?|rmi|sftp|rsync|smb|finger|iiop)://[\w\[.$%-]|"
            r"jar:(?:https?|file|ftp|jar):"
        ),
        r"(?:^|[^a-z0-9_])",
        WEAK,
    ),
    Sign(
        LIKELY,
        "a file of the server as a URL",
        ("file:",),
        r"file:(?:[/\\]{1,4}|\$[{(])[\w.$%~?*\[{(/\\]",
        r"(?:^|[=(\s'\"])",
        WEAK,
    ),
    Sign(LIKELY, "a file of the server as a URL", ("file:",), r"file:[/\\]", r"[^a-z0-9_]", WEAK),
)
_METADATA_PATHS = (
    Sign(
        LIKELY,
        "a path of a metadata service",
        (
            "latest/meta-data",
            "latest/user-data",
            "latest/dynamic",
            "latest/api/token",
            "computemetadata/v1",
            "metadata/instance",
            "metadata/v1",
            "metadata/identity",
            "opc/v1/instance",
            "opc/v2/instance",
        ),
        (
            r"(?:latest/(?:meta-data|user-data|dynamic/instance-identity|"
            r"api/token)|computemetadata/v1|metadata/(?:instance\?api|v1(?:\.json|"
            r"/|$)|identity/oauth2)|opc/v[12]/instance)"
        ),
        r"(?:^|[/\\\s=])",
        WEAK,
    ),
    Sign(
        LIKELY,
        "credentials that a metadata service gives out",
        ("iam/security-credentials", "/v2/credentials/", "service-accounts/default/token"),
        r"(?:iam/security-credentials|/v2/credentials/[0-9a-f]|service-accounts/default/token)",
        in_prose=WEAK,
    ),
)

METADATA_HOSTS = Hosts(frozenset({Host.METADATA}))
"""Finds URLs of clouds' metadata services, in any notation."""
METADATA_PATHS = SignDetector("ssrf", _METADATA_PATHS)
"""Finds paths that only metadata services have."""
INNER_HOSTS = Hosts(frozenset({Host.DISGUISED, Host.ODD, Host.WILDCARD, Host.LOCAL, Host.PRIVATE}))
"""Finds URLs of the server itself and of its network."""
SCHEMES = SignDetector("ssrf", _SCHEMES)
"""Finds schemes that make a server speak other protocols or read its files."""
