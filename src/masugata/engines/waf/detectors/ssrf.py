"""URLs that make a server fetch what only it can reach: metadata services, itself, its network, odd schemes.

Sources: CWE-918; OWASP Server-Side Request Forgery Prevention Cheat Sheet; PortSwigger's URL validation
bypass cheat sheet.
"""

import re
from collections.abc import Collection, Mapping

from masugata.engines.waf.detectors._detector import Account, Evidence, Place
from masugata.engines.waf.detectors._hosts import METADATA_NAMES, WILDCARDS, Host, classify
from masugata.engines.waf.detectors._prose import is_prose
from masugata.engines.waf.detectors._signs import CERTAIN, LIKELY, MORE, POSSIBLE, WEAK, Sign, SignDetector

_FETCHED = (
    b"http https ws wss ftp ftps sftp sftps tftp ldap ldaps gopher dict rsync git ssh smb tcp udp imap "
    b"imaps telnet irc rtmp rtsp svn nntp pop3 pop3s smtp smtps redis mysql acap amqp ajp mms sip sips xmpp "
    b"vnc"
).split()
"""Schemes of URLs that have a host; in `jar:https:` and the like it is the second one's."""
_SCHEME = f"(?:{b'|'.join(_FETCHED).decode()})"
# A colon is looked for first, for `re` is fast with it, then whether a scheme ends there.
_END_OF_SCHEME = re.compile(rb":(?<=(?:%b):)" % b"|".join(sorted({scheme[-2:] for scheme in _FETCHED})))
_SCHEME_BEFORE = re.compile((r"(?<![a-z0-9])" + _SCHEME + r"\Z").encode())
_LONGEST_SCHEME = 1 + max(map(len, _FETCHED))
_AUTHORITY = re.compile(rb":[/\\]{0,6}([^\s/\\?#\"'<>|;,)}]{1,320})")
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
_STEPS_A_COLON, _STEPS_A_HOST, _STEPS_AN_ADDRESS = 2, 4, 8
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


class _Urls:
    """The URLs of a value; what their hosts are is found out once, for all who ask."""

    def __init__(self, value: bytes) -> None:
        """Nothing is looked for yet."""
        self.value = value
        self.lowered = value.lower()
        self._hosts: dict[Host, bytes] | None = None
        self._prose: bool | None = None

    @property
    def prose(self) -> bool:
        """Whether people wrote what is around them."""
        if self._prose is None:
            self._prose = is_prose(self.value)
        return self._prose

    def hosts(self, account: Account) -> Mapping[Host, bytes]:
        """The first URL with a host of each kind; incomplete if the account does not pay for all."""
        if self._hosts is None:
            self._hosts = {}
            for authority, url in self._authorities(account).items():
                account.left -= _STEPS_A_HOST
                host = _host(authority)
                if host is not None:
                    self._hosts.setdefault(host, url)
                    account.left -= _STEPS_AN_ADDRESS
                if account.left <= 0:
                    break
        return self._hosts

    def _authorities(self, account: Account) -> dict[bytes, bytes]:
        """Hosts with users and ports, each once and with its URL."""
        found: dict[bytes, bytes] = {}
        account.left -= _STEPS_A_COLON * len(_END_OF_SCHEME.findall(self.lowered))
        if account.left <= 0:
            return found
        behind = 0
        for colon in _END_OF_SCHEME.finditer(self.lowered):
            end = colon.start()
            if end < behind:
                continue
            scheme = _SCHEME_BEFORE.search(self.lowered, max(0, end - _LONGEST_SCHEME), end)
            matched = _AUTHORITY.match(self.lowered, end) if scheme else None
            if scheme and matched:
                behind = matched.end()
                found.setdefault(matched[1], scheme[0] + matched[0])
        return found


def _host(authority: bytes) -> Host | None:
    """What is fetched from; where a user is named, what some take for the host."""
    host = classify(_PORT.sub(b"", authority.rpartition(b"@")[2]))
    if host is None and b"@" in authority:
        host = classify(authority.partition(b"@")[0].partition(b":")[0])
    return host


class Hosts:
    """Classifies the hosts of all URLs in a value."""

    family = "ssrf"
    hints = _HOST_HINTS

    def __init__(self, wanted: frozenset[Host]) -> None:
        """`wanted` are the kinds of hosts that are evidence."""
        self._wanted = wanted

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence; private addresses, which honest values name too, weigh little."""
        return self.detect_hinted(value, place, ())

    def detect_hinted(
        self,
        value: bytes,
        place: Place,
        hints: Collection[int],  # noqa: ARG002 - the protocol's
        account: Account | None = None,
    ) -> Evidence | None:
        """The same, whatever the hints are; each URL and each address is paid from the account."""
        account = account or Account()
        urls = account.once(_Urls, value)
        found = {host: url for host, url in urls.hosts(account).items() if host in self._wanted}
        if (bare := self._bare(urls.lowered, place)) is not None:
            found.setdefault(*bare)
        best = max(found, key=lambda host: _SCORES[host][urls.prose], default=None)
        score = 0 if best is None else _SCORES[best][urls.prose]
        if account.left <= 0 and score < POSSIBLE:
            return Evidence(self.family, f"{MORE} of URLs", (), POSSIBLE)
        if best is None:
            return None
        return Evidence(self.family, f"a URL of {best.value}", (found[best][:_SHOWN],), score)

    def _bare(self, lowered: bytes, place: Place) -> tuple[Host, bytes] | None:
        """An address without a scheme: that of metadata, or one of four numbers in disguise."""
        hinted = place is not Place.PATH and _HINTED_BARE.match(lowered) is not None
        bare = _BARE.match(lowered) if hinted else None
        host = None if bare is None else _host(bare[1])
        if bare is None or host is None or host not in self._wanted:
            return None
        if host is not Host.METADATA and not (host is Host.DISGUISED and bare[1].count(b".") == 3):
            return None
        return host, bare[0]


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
