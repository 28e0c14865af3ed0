"""Code of Python, Ruby, Perl, ASP and other languages that a request brings along.

Sources: CWE-94, CWE-95, CWE-502; PortSwigger and HackTricks on server-side code injection; the languages'
manuals.
"""

from masugata.engines.waf.detectors._signs import (
    CERTAIN,
    GAP,
    LIKELY,
    POSSIBLE,
    WEAK,
    WORD,
    Sign,
    SignDetector,
)

_OS = (
    r"(?:system|popen|exec[lv]p?e?|spawn[lv]p?e?|getenv|environ|fork|"
    r"startfile|listdir|remove|unlink|walk)"
)

_SIGNS = (
    Sign(
        CERTAIN,
        "a module of Python, imported in an expression",
        ("__import__",),
        r"__import__\s?\(\s?['\"]",
        in_prose=POSSIBLE,
    ),
    Sign(
        LIKELY,
        "a program started through Python",
        ("os.", "subprocess.", "commands.get", "pty.spawn", "posix."),
        (
            rf"(?:os\.{_OS}\s?\(|subprocess\.(?:popen|call|run|check_output|"
            r"check_call|getoutput)\s?\(|commands\.get(?:status)?output\(|"
            r"pty\.spawn\(|posix\.(?:system|popen))"
        ),
        WORD,
        WEAK,
    ),
    Sign(
        LIKELY,
        "code that Python compiles",
        ("eval(compile", "exec(compile", "eval(", "exec("),
        r"(?:eval|exec)\((?:compile\(|__|open\(|input\(|base64\.|bytes\.fromhex|codecs\.)",
        WORD,
        POSSIBLE,
    ),
    Sign(
        CERTAIN,
        "an object of Python in YAML",
        ("!!python/", "!python/", "tag:yaml.org,2002:python"),
        r"(?:!!?python/(?:object|name|module|tuple|dict)|tag:yaml\.org,2002:python/)",
    ),
    Sign(
        CERTAIN,
        "an object of Ruby or Java in YAML",
        ("!ruby/", "!!javax.", "!!java.", "!!com.sun"),
        r"(?:!ruby/(?:object|hash|struct|range|regexp)|!!(?:javax?|com\.sun)\.)",
    ),
    Sign(
        CERTAIN,
        "a pickled object of Python",
        ("cos\n", "cposix\n", "c__builtin__\n", "csubprocess\n", "cnt\n", "gasvq"),
        (
            r"c(?:os|posix|nt|subprocess|__builtin__|builtins)\r?\n(?:system|"
            r"popen|exec|eval|call|getattr|check_output)|gasv[a-z0-9]{2}aaaaaaa"
        ),
        r"(?:^|[\x80-\xff(\n])",
    ),
    Sign(
        LIKELY,
        "code of Ruby that starts programs",
        (
            "kernel.",
            "io.popen",
            "open3.",
            "process.spawn",
            "%x(",
            "%x{",
            "%x[",
            "instance_eval",
            "class_eval",
            "file.read(",
            "file.open(",
            "dir.entries",
            "erb.new",
        ),
        (
            r"(?:kernel\.(?:exec|system|open|spawn|`|fork)|io\.popen|open3\.(?:capture|"
            r"popen|pipeline)|process\.spawn|%x[({\[].{1,80}[)}\]]|(?:instance|"
            r"class)_eval\s?[({\"']|(?:file|io)\.(?:read|open|readlines)\s?\(?\s?['\"]|"
            r"dir\.entries|erb\.new)"
        ),
        WORD,
        WEAK,
    ),
    Sign(
        LIKELY,
        "code of Perl in a text",
        ("@{[", "@{ [", "@{"),
        r"@\{\s{0,8}\[\s{0,8}(?:[a-z_]{2,20}[\s('\"$\\:\]]|[`<($])",
    ),
    Sign(
        LIKELY,
        "code of Perl",
        ("use socket", "io::socket", "print `", "open(", "qx{", "qx(", "qx/", 'system "', "exec {"),
        (
            r"(?:use\s{1,4}(?:io::)?socket|io::socket::inet|print\s{1,4}`|"
            r"open\s?\(\s?\w{1,20}\s?,\s?['\"]?\s?[|<>]|qx[{(/]\s?[a-z/])"
        ),
        WORD,
        WEAK,
    ),
    Sign(
        CERTAIN,
        "code of ASP",
        (
            "createobject(",
            "<%eval",
            "eval request",
            "execute request",
            "eval(request",
            "execute(request",
            "response.write(",
        ),
        (
            r"(?:(?:server\.)?createobject\s?\(\s?['\"]{1,2}(?:wscript|scripting|"
            r"adodb|msxml|shell|microsoft)|(?:eval|execute(?:global)?)[\s(]{1,4}request|"
            r"response\.write\s?\(\s?(?:\d|['\"]|request|server|eval))"
        ),
        r"(?:^|[^a-z0-9_.])",
        WEAK,
    ),
    Sign(
        LIKELY,
        "code of .NET",
        (
            "system.diagnostics.process",
            "process.start(",
            "system.io.file",
            "activator.createinstance",
            "objectdataprovider",
            "aaeaaad/////",
        ),
        (
            r"(?:system\.diagnostics\.process|process\.start\s?\(\s?['\"]|"
            r"system\.io\.file\.(?:read|write|open)|activator\.createinstance\(|"
            r"objectdataprovider|aaeaaad/{4})"
        ),
        in_prose=WEAK,
    ),
    Sign(
        LIKELY,
        "code of Lua",
        ("os.execute(", "io.popen(", "package.loadlib", "loadstring("),
        r"(?:os\.execute|io\.popen|package\.loadlib|loadstring)\s?\(",
        WORD,
        WEAK,
    ),
    Sign(
        LIKELY,
        "a tag of ColdFusion",
        ("<cf",),
        r"<cf(?:execute|file|include|query|script|module|invoke|http|exit|output)\b",
    ),
    Sign(
        LIKELY,
        "a macro or a formula that starts programs",
        ("cmd|", "dde(", "=cmd", "@sum("),
        r"(?:cmd\|\s?['\"]?\s?/c|dde\(\s?['\"]|=cmd\|)",
        r"(?:^[=+@\s-]{0,4}[^|]{0,40})",
    ),
    Sign(
        POSSIBLE,
        "a function that takes code, called with code in a string",
        ("eval(", "exec(", "assert("),
        rf"(?:eval|exec|assert)\({GAP}['\"`][^'\"`]{{0,120}}[;(][^'\"`]{{0,120}}['\"`]",
        WORD,
        WEAK,
    ),
)

CODE = SignDetector("generic-inj", _SIGNS)
"""Finds code of languages that have no detector of their own."""
