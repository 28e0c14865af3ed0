"""Declarations in XML that read files or addresses, and directives of server-side includes.

Sources: CWE-611, CWE-776, CWE-97; OWASP XML External Entity Prevention Cheat Sheet; W3C XML 1.0 (4.2) and
XInclude 1.0; the manual of Apache's mod_include.
"""

from masugata.engines.waf.detectors._signs import CERTAIN, LIKELY, POSSIBLE, WEAK, Sign, SignDetector

_XML = (
    Sign(
        CERTAIN,
        "an entity that is read from elsewhere",
        ("<!entity",),
        r"<!entity\s{1,8}(?:%\s{1,8})?[^\s>]{1,80}\s{1,8}(?:system|public)\b",
        in_prose=POSSIBLE,
    ),
    Sign(
        LIKELY,
        "an entity",
        ("<!entity",),
        r"<!entity\s{1,8}(?:%\s{1,8})?[^\s>]{1,80}\s{1,8}['\"]",
        in_prose=POSSIBLE,
    ),
    Sign(LIKELY, "an entity", ("<!entity",), r"<!entity(?:\s|%)", in_prose=POSSIBLE),
    # Documents of HTML and SVG have types too, of the W3C and on its own server.
    Sign(
        LIKELY,
        "a document type that is read from elsewhere",
        ("<!doctype",),
        (
            r"<!doctype\s{1,8}[^\s>\[]{1,80}\s{1,8}(?:system\s{1,8}['\"]?(?:[^'\"a\s]|"
            r"a[^b])|public\s{1,8}['\"][^'\"]{0,120}['\"]\s{1,8}['\"](?:file|"
            r"ftp|jar|gopher|php|expect|netdoc|https?://[^w'\"]))"
        ),
        in_prose=POSSIBLE,
    ),
    Sign(
        LIKELY,
        "a document type with declarations of its own",
        ("<!doctype",),
        r"<!doctype[^>\[]{0,160}\[\s{0,16}(?:<!|%)",
        in_prose=POSSIBLE,
    ),
    Sign(
        LIKELY,
        "a part of the document that is read from elsewhere",
        ("include",),
        (
            r"include\s[^>]{0,160}(?:href|namespace|schemalocation)\s?=\s?['\"]?(?:file|"
            r"https?|ftp|jar|php|/)"
        ),
        r"<(?:xi|xs|xsd|xinclude):",
    ),
    Sign(
        LIKELY, "a namespace of inclusion", ("w3.org/2001/xinclude",), r"w3\.org/2001/xinclude", in_prose=WEAK
    ),
    Sign(
        LIKELY,
        "a style sheet or a schema that is read from elsewhere",
        ("<?xml-stylesheet", "<xsl:include", "<xsl:import", "schemalocation="),
        (
            r"(?:<\?xml-stylesheet[^>]{0,80}href\s?=\s?['\"]?(?:https?|file|"
            r"ftp)|<xsl:(?:include|import)\s|schemalocation=['\"](?:[^'\"]{0,80}\s)?(?:file|"
            r"ftp|jar|php|expect):)"
        ),
    ),
    Sign(
        LIKELY,
        "an entity of the tests of entities",
        ("&xxe;", "%xxe;", "&lol9;", "%dtd;", "%remote;", "%payload;"),
        r"[&%](?:xxe|lol9|dtd|remote|payload);",
    ),
    Sign(
        LIKELY,
        "code in a style sheet",
        ("<msxsl:script", "xsl:value-of", "<xsl:script"),
        (
            r"(?:<msxsl:script|<xsl:script|xsl:value-of\s{1,4}select\s?=\s?['\"](?:system-property"
            r"|php:function|document\(|unparsed-text|rt:|ob:))"
        ),
    ),
)
_SSI = (
    Sign(
        CERTAIN,
        "a directive of server-side includes",
        ("<!--",),
        (
            r"<!--\s{0,4}#\s{0,4}(?:exec|include|echo|printenv|config|set|"
            r"fsize|flastmod|if|elif|else|endif)\b"
        ),
    ),
    Sign(
        LIKELY,
        "an edge-side include",
        ("<esi:",),
        r"<esi:(?:include|inline|debug|vars|assign|eval|function|choose|try)\b",
    ),
)

XML_ENTITIES = SignDetector("xxe", _XML)
"""Finds what makes a parser of XML read files and addresses."""
SERVER_SIDE_INCLUDES = SignDetector("ssi", _SSI)
"""Finds directives that servers obey in pages."""
