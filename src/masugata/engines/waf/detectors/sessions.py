"""Sessions that a request or a page sets for somebody else.

Sources: CWE-384; OWASP WSTG-SESS-03 (session fixation).
"""

from masugata.engines.waf.detectors._detector import Place
from masugata.engines.waf.detectors._signs import LIKELY, POSSIBLE, WEAK, Sign, SignDetector

_NAMES = (
    "jsessionid", "phpsessid", "aspsessionid", "asp.net_sessionid", "aspxauth", ".aspxauth", "cfid",
    "cftoken", "cfsid",
    "jservsession", "jwsession", "phpsession", "sessiontoken", "sesskey", "sessionid", "session_id",
    "session-id",
    "sessid", "weblogicsession", "wordpress_logged_in", "zenid", "connect.sid", "express.sid",
    "laravel_session",
    "_rails_session", "koa:sess", "koa.sess", "ci_session", "sails.sid", "cakephp", "rack.session",
    "_session_id",
    "next-auth.session-token", "__host-next-auth.session-token", "__secure-next-auth.session-token",
    "ring-session",
    "plack_session", "play_session", "django_session", "_flask_session", "gosessid", "beaker.session.id",
)  # fmt: skip
_NAME = "|".join(name.replace(".", r"\.") for name in sorted(_NAMES, key=lambda name: -len(name)))

_SIGNS = (
    Sign(
        LIKELY,
        "a cookie that a page would set",
        ("document.cookie", "cookie="),
        (
            r"(?:document\s?\.\s?)?cookie\s{0,4}=\s{0,4}['\"`]?[\w.-]{1,40}=.{0,80}(?:expires|"
            r"domain|path|max-age|;)"
        ),
        r"(?:^|[^a-z0-9_-])",
        WEAK,
    ),
    Sign(
        LIKELY,
        "a cookie that a page would set",
        ("set-cookie",),
        r"set-cookie['\"\s>]{0,4}[^>]{0,60}content",
        r"http-equiv\s?=\s?['\"]?",
    ),
)
_ARGUMENTS = (
    Sign(
        POSSIBLE,
        "the name of a session's cookie as an argument",
        _NAMES,
        rf"(?:{_NAME})$",
        r"^(?:[a-z]{2,12}[._-])?",
        places=frozenset({Place.QUERY_ARGUMENT, Place.FORM_FIELD}),
    ),
)

SESSIONS = SignDetector("sessfix", _SIGNS)
"""Finds cookies that a page would set."""
SESSION_ARGUMENTS = SignDetector("sessfix", _ARGUMENTS)
"""Finds session identifiers where no honest client puts them: in query strings and forms."""
