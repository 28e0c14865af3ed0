"""Ends of lines that make more of a value: headers, responses, requests, commands to mail servers.

Sources: CWE-93, CWE-113, CWE-147; OWASP WSTG-INPV-15 (splitting and smuggling) and WSTG-INPV-10 (IMAP and
SMTP); RFC 5321, RFC 9051, RFC 9112.
"""

from masugata.engines.waf.detectors._detector import Place
from masugata.engines.waf.detectors._signs import (
    ADDRESSES,
    CERTAIN,
    LIKELY,
    POSSIBLE,
    WEAK,
    WORD,
    Sign,
    SignDetector,
)

_FIELDS = (
    "set-cookie", "location", "content-length", "content-type", "content-disposition",
    "content-encoding",
           "transfer-encoding", "refresh", "link", "access-control-allow-origin", "x-forwarded-for",
           "x-forwarded-host",
           "x-xss-protection", "x-original-url", "x-rewrite-url", "last-modified", "cache-control",
           "host", "cookie",
           "connection", "referer", "user-agent", "authorization", "remote-addr", "remote_addr",
           "expect", "upgrade", "status",
)  # fmt: skip
_FIELD = "|".join(_FIELDS)
_BREAK = r"[\r\n]\s{0,4}"
_FEW = frozenset(ADDRESSES | {Place.FILE_NAME})
_SMTP = ("rcpt to", "mail from", "helo ", "ehlo ", "quit", "data", "vrfy ", "expn ", "starttls")
_IMAP = (
    "capability", "noop", "logout", "starttls", "check", "close", "expunge", "fetch ", "list ",
    "select ", "login ", "authenticate ", "append ", "status ",
         "examine ", "create ", "delete ", "rename ", "subscribe ", "store ", "copy ", "search ", "uid ",
)  # fmt: skip
_MAIL_FIELDS = (
    "to:",
    "cc:",
    "bcc:",
    "from:",
    "subject:",
    "reply-to:",
    "return-path:",
    "mime-version:",
    "content-type:",
)

_HEADERS = (
    Sign(
        LIKELY, "a header behind the end of a line", _FIELDS, rf"(?:{_FIELD})\s{{0,4}}:", _BREAK, WEAK, _FEW
    ),
    Sign(
        POSSIBLE,
        "a header behind the end of a line",
        ("set-cookie", "content-length", "location", "transfer-encoding"),
        (
            r"(?:set-cookie\s{0,4}:\s{0,4}[\w-]{1,60}=|content-length\s{0,4}:\s{0,4}\d|"
            r"location\s{0,4}:\s{0,4}(?:https?:)?//|transfer-encoding\s{0,4}:\s{0,4}\w)"
        ),
        r"^[^\r\n]{0,80}[\r\n]\s{0,4}",
        WEAK,
    ),
    Sign(
        CERTAIN,
        "another response",
        ("http/1.", "http/2", "http/0."),
        r"http/[0-2](?:\.\d)?\s{1,4}\d{3}",
        _BREAK,
        WEAK,
        _FEW,
    ),
    Sign(
        LIKELY,
        "another response",
        ("http/1.", "http/2"),
        r"http/[0-2](?:\.\d)?\s{1,4}\d{3}",
        r"^[^\r\n]{0,80}[\r\n]\s{0,4}",
        WEAK,
    ),
    Sign(
        LIKELY,
        "the end of all headers, then a page",
        ("<html", "<script", "<!doctype"),
        r"<(?:html|script|!doctype)",
        r"^[^\r\n<]{0,80}\r?\n\s{0,4}\r?\n\s{0,8}",
        WEAK,
        _FEW,
    ),
    Sign(
        LIKELY,
        "an end of a line in a path",
        ("%0a", "%0d", "%250a", "%250d"),
        r"%(?:25)?0[ad]",
        places=frozenset({Place.PATH}),
    ),
    Sign(
        LIKELY,
        "the end of a header, then a page",
        ("<html", "<script", "<body"),
        r"<(?:html|script|body)",
        r"(?:content-(?:length|type)|set-cookie)\s?:[^\r\n]{0,80}[\r\n\s]{0,8}",
        WEAK,
    ),
)
_METHODS = (
    "get ",
    "post ",
    "head ",
    "put ",
    "delete ",
    "options ",
    "connect ",
    "trace ",
    "track ",
    "patch ",
    "propfind ",
)
_REQUESTS = (
    Sign(
        LIKELY,
        "another request",
        ("http/",),
        r"http/\d(?:\.\d)?\b",
        (
            rf"(?:^|[\r\n])\s{{0,4}}(?:{'|'.join(name.strip() for name in _METHODS)}|"
            rf"debug|move|copy|lock|search)\s{{1,4}}(?:/|https?://)[^\s]{{0,100}}\s{{1,4}}"
        ),
        WEAK,
        _FEW | {Place.FORM_FIELD},
    ),
    Sign(
        CERTAIN,
        "another request behind the end of a line",
        _METHODS,
        rf"(?:{'|'.join(_METHODS)})\s{{0,4}}(?:/|https?://)[^\s]{{0,100}}\s{{1,4}}http/",
        _BREAK,
        WEAK,
        _FEW,
    ),
    Sign(CERTAIN, "a socket where a proxy expects a URL", ("unix:",), r"unix:[^|\s]{0,250}\|", WORD),
    Sign(
        LIKELY,
        "more ranges than any client asks for",
        ("bytes=",),
        r"bytes=\s{0,4}(?:\d{0,12}-\d{0,12}\s{0,4},\s{0,4}){5}",
        r"^",
        places=frozenset({Place.HEADER}),
    ),
    Sign(
        LIKELY,
        "a range of all memory (CVE-2015-1635)",
        ("-18446744073709551615",),
        r"-18446744073709551615",
        r"bytes=\s{0,4}\d{1,12}",
    ),
)
_MAIL = (
    Sign(
        LIKELY,
        "a command to a mail server",
        _SMTP,
        (
            r"(?:(?:rcpt to|mail from)\s{0,4}:\s{0,4}[<\w]|(?:helo|ehlo|vrfy|"
            r"expn)\s{1,4}[\w.-]{2,60}\s{0,4}$|(?:quit|data|starttls)\s{0,4}(?:$|"
            r"[\r\n]))"
        ),
        r"^\s{0,8}[^\r\n]{0,60}[\r\n]{1,4}",
    ),
    Sign(
        LIKELY,
        "a command to a mail server",
        ("rcpt to", "mail from"),
        r"(?:rcpt to|mail from)\s{0,4}:\s{0,4}<?[\w.+-]{1,60}@",
        r"(?:^|[\r\n])\s{0,4}",
    ),
    Sign(
        LIKELY,
        "a command to a server of mailboxes",
        _IMAP,
        (
            r"(?:(?:capability|noop|logout|starttls|check|close|expunge)\s{0,4}(?:$|"
            r"[\r\n])|(?:fetch|list|select|login|authenticate|append|status|"
            r"examine|create|delete|rename|subscribe|store|copy|search|uid)\s{1,4}['\"\w])"
        ),
        r"[\r\n]\s{0,4}[a-z]{1,2}\d{1,4}\s{1,4}",
    ),
    Sign(
        LIKELY,
        "a command to a server of mail",
        ("top ", "retr ", "dele ", "uidl ", "stat", "list ", "apop "),
        (
            r"(?:(?:retr|dele|uidl|list)\s{1,4}\d{1,6}\s{0,4}$|top\s{1,4}\d{1,6}\s{1,4}\d{1,6}\s{0"
            r",4}$|stat\s{0,4}$|apop\s\S{1,40}\s[0-9a-f]{32})"
        ),
        r"^[\r\n]{1,4}\s{0,4}",
    ),
    Sign(
        LIKELY,
        "a header of a mail behind an address",
        _MAIL_FIELDS,
        r"(?:to|cc|bcc|from|subject|reply-to|return-path|mime-version|content-type):\s{0,4}\S",
        r"^\s{0,4}[^\s@]{1,60}@[^\s@]{1,80}\s{0,4}[\r\n]{1,4}\s{0,4}",
    ),
    Sign(
        LIKELY,
        "a hidden copy of a mail",
        ("bcc:", "cc:"),
        r"b?cc:\s{0,4}<?[\w.+-]{1,60}@",
        r"^[^\r\n]{0,80}[\r\n]{1,4}\s{0,4}",
        WEAK,
        _FEW | {Place.FORM_FIELD},
    ),
)

HEADER_INJECTION = SignDetector("crlf", _HEADERS)
"""Finds ends of lines with headers or responses behind them."""
MAIL_INJECTION = SignDetector("maili", _MAIL)
"""Finds commands to mail servers, and headers of mails."""
PROTOCOL = SignDetector("protocol", _REQUESTS)
"""Finds requests within requests, and headers that servers stumble over."""
