"""Files that a server may run, by the names under which they are sent.

Sources: CWE-434; OWASP Unrestricted File Upload; OWASP WSTG-BUSL-09.
"""

from masugata.engines.waf.detectors._detector import Place
from masugata.engines.waf.detectors._signs import LIKELY, Sign, SignDetector

_END = r"[\s.;:\x00]{0,32}(?:::\$data)?(?:\.(?:jpe?g|png|gif|txt))?$"
_NAMES = frozenset({Place.FILE_NAME})

UPLOADS = SignDetector(
    "upload",
    (
        Sign(
            LIKELY,
            "a script of PHP, sent as a file",
            (".php", ". php", ".pht", ".phar"),
            rf"\.\s?(?:php\d?|phtml?|phar){_END}",
            r"^.{0,120}",
            places=_NAMES,
        ),
        Sign(
            LIKELY,
            "a page of Java or ASP, sent as a file",
            (".jsp", ".war", ".asp", ".ashx", ".asmx", ".cer", ".cfm", ".cgi"),
            rf"\.(?:jspx?|war|aspx?|ashx|asmx|cer|cfm|cgi){_END}",
            r"^.{0,120}",
            places=_NAMES,
        ),
        Sign(
            LIKELY,
            "settings of a server, sent as a file",
            (".htaccess", ".user.ini", "web.config"),
            r"(?:\.htaccess|\.user\.ini|web\.config)\s{0,4}$",
            r"^.{0,120}",
            places=_NAMES,
        ),
    ),
)
"""Finds names of files that servers run."""
