"""Files from elsewhere that an application is told to include.

Sources: CWE-98; OWASP WSTG-INPV-11.2 (remote file inclusion).
"""

from masugata.engines.waf.detectors._signs import LIKELY, POSSIBLE, WEAK, WORD, Sign, SignDetector

_SCHEME = r"(?:https?|ftps?|file|ssh2?|smb|webdavs?)"
_HOST = r"[^\s/?#\"'<>]{1,120}"

_SIGNS = (
    Sign(
        LIKELY,
        "a URL whose rest the application appends to is made a query",
        ("://",),
        rf"://{_HOST}(?:/[^\s\"'<>?]{{0,160}})?(?:\?|\?&|%00|\x00){{1,4}}$",
        rf"^\s{{0,4}}['\"]?(?:url:)?{_SCHEME}",
        WEAK,
    ),
    Sign(
        LIKELY,
        "a script from elsewhere",
        ("://",),
        (
            rf"://{_HOST}/[^\s\"'<>?]{{0,160}}(?:shell|cmd|c99|r57|wso|b374k|"
            r"evil|exploit|backdoor|id|ping|test|inc|log)\.(?:txt|php\d?|"
            r"phtml|inc|gif|jpe?g|dat|asp|jsp)\??\b"
        ),
        rf"^\s{{0,4}}['\"]?(?:url:)?{_SCHEME}",
        WEAK,
    ),
    Sign(
        POSSIBLE,
        "a script or a text at an address without a name",
        ("://",),
        r"://(?:[^\s/@]{1,60}@)?\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?(?:/|$|\s)",
        rf"^\s{{0,4}}['\"]?(?:url:)?{_SCHEME}",
        WEAK,
    ),
    Sign(
        LIKELY,
        "a URL that is included",
        ("include", "require", "import", "load", "source"),
        rf"(?:include|require)(?:_once)?\s{{0,4}}\(?\s{{0,4}}['\"]?{_SCHEME}://",
        WORD,
        WEAK,
    ),
    Sign(
        LIKELY,
        "a stream that a script is read from",
        ("://",),
        r"://",
        (
            r"^\s{0,4}['\"]?(?:php|phar|data|expect|zip|zlib|ogg|ssh2\.[a-z]{2,6}|"
            r"compress\.[a-z0-9]{2,6}|glob|rar)"
        ),
    ),
    Sign(
        LIKELY,
        "a stream that a script is read from",
        ("data:",),
        (
            r"data:(?:text/[a-z]{2,10}|application/[a-z-]{2,20})?;?(?:base64,\s?(?:pd9|"
            r"jtw|pdw)|,\s{0,4}<\?)"
        ),
        r"^\s{0,4}['\"]?",
    ),
    Sign(
        LIKELY,
        "an application's path variable, set to a URL",
        (
            "_path]",
            "_dir]",
            "root_path",
            "basepath",
            "base_dir",
            "mosconfig",
            "absolute_path",
            "document_root",
            "includedir",
        ),
        (
            rf"(?:root_path|basepath|base_dir|mosconfig[a-z_]{{0,30}}|absolute_path|"
            rf"document_root|includedir|[a-z_]{{0,20}}_(?:path|dir)\])[\]a-z_]{{0,20}}=\s{{0,4}}"
            rf"{_SCHEME}:/"
        ),
    ),
)

REMOTE_FILES = SignDetector("rfi", _SIGNS)
"""Finds scripts that an application is told to fetch and run."""
