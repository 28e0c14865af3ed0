"""What gives a shell of Unix away without a known command.

Sources: the Bash manual; CVE-2014-6271 (Shellshock); HackTricks and PayloadsAllTheThings on command
injection.
"""

from masugata.engines.waf.detectors._signs import CERTAIN, LIKELY, POSSIBLE, WEAK, Sign, SignDetector

UNIX_SIGNS = SignDetector(
    "cmdi",
    (
        Sign(
            CERTAIN,
            "a function of Bash with commands behind it",
            ("()", "( )"),
            r"\(\s?\)\s{0,4}\{.{0,40}?[;}]",
            r"^[\s'\"]{0,4}",
        ),
        Sign(
            LIKELY,
            "a function of Bash with commands behind it",
            ("() {", "(){"),
            r"\(\)\s{0,2}\{\s{0,4}(?::|_|[a-z0-9]{1,8}|\(a\)=>)\s{0,2};\s{0,4}\}\s{0,4};",
        ),
        Sign(CERTAIN, "a fork bomb", (":(){", ":()"), r":\(\)\s?\{\s?:\s?\|\s?:"),
        Sign(
            LIKELY,
            "a function that starts itself again",
            ("(){", "() {"),
            r"\(\)\s?\{\s{0,4}[\w.]{1,10}(?:\(\))?\s{0,2}[|&]",
            r"(?:^|[;&|\s])[\w.]{1,10}",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a shell, by its variable",
            ("${shell}", "$shell", "${0}", "$bash"),
            r"\$(?:\{?shell\}?|\{0\}|bash)['\"]?\s{1,4}-[ci]\b",
        ),
        Sign(
            POSSIBLE,
            "a name for a command",
            ("alias",),
            r"alias\s{1,4}(?:[-+][^\s]{1,6}\s{1,4})?['\"]?[\w.-]{1,20}['\"]?=['\"\w]",
            r"(?:^|[;&|(\n]\s{0,4})",
            WEAK,
        ),
        Sign(
            LIKELY,
            "the separator of fields, which hides spaces",
            ("$ifs", "${ifs"),
            r"\$\{?ifs",
            in_prose=WEAK,
        ),
        Sign(
            LIKELY,
            "a connection of Bash",
            ("/dev/tcp/", "/dev/udp/"),
            r"/dev/(?:tcp|udp)/[\w.$-]",
            in_prose=POSSIBLE,
        ),
        Sign(
            LIKELY,
            "an interactive shell",
            ("bash -i", "sh -i", "zsh -i"),
            r"(?:ba|z|k|da)?sh\s{1,4}-i\b",
            r"(?:^|[^a-z0-9_])",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a shell's path",
            ("/bin/sh", "/bin/bash", "/bin/dash", "/bin/zsh", "/bin/ksh"),
            r"/bin/(?:ba|da|z|k)?sh(?:[\s'\"|;&)$<>]|$)",
            r"(?:[|;&`(<>$\"'=]|^)\s{0,4}(?:/usr)?",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a text that a shell runs",
            ("|sh", "| sh", "|bash", "| bash", "|/bin/", "| /bin/"),
            r"\|\s{0,4}(?:/bin/)?(?:ba|da|z|k)?sh(?:[\s'\"|;&)`-]|$)",
            r"(?:^|[\w\"')/-]\s{0,4})",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a text, decoded and run",
            ("base64 -d", "base64 --decode", "xxd -r", "base64$ifs-d", "openssl enc"),
            r"(?:base64\s{1,4}-{1,2}d(?:ecode)?|xxd\s{1,4}-r).{0,40}[|)`]",
            in_prose=WEAK,
        ),
        Sign(
            LIKELY,
            "letters spelt in escapes of a shell",
            ("$'\\", "$'"),
            r"\$'(?:\\x[0-9a-f]{2}|\\[0-7]{3}|\\u[0-9a-f]{4}){2}",
        ),
        Sign(
            LIKELY,
            "an expansion that cuts letters out of a variable",
            ("${path", "${home", "${pwd", "${shell", "${hostname", "${ps", "${lang", "${oldpwd"),
            r"\$\{(?:path|home|pwd|shell|hostname|ps\d|lang|oldpwd)(?::\d|%|#)",
        ),
        Sign(
            LIKELY,
            "the output of a command within a word",
            ("$(", "`"),
            r"(?:\$\(|`)(?:printf|echo|expr|tr|rev|base64|xxd|awk|sed)\s[^)`]{1,80}[)`]",
            in_prose=WEAK,
        ),
        Sign(
            LIKELY,
            "the value of a variable as a command",
            ("=",),
            r"=[\w/'\"\\?*\[\]-]{1,40}[;&]{1,2}\s{0,4}\$\w",
            r"(?:^|[;&|\s(=])[a-z_]\w{0,15}",
        ),
        Sign(
            POSSIBLE,
            "arithmetic of a shell",
            ("$[", "$(("),
            r"\$(?:\[\s?\d{1,9}\s?[-+*/%]\s?\d{1,9}\s?\]|\(\(\s{0,4}[\d$(][\d\s$()+*/%-]{0,40}\)\))",
            in_prose=WEAK,
        ),
        Sign(
            LIKELY,
            "a shell that a compiler is told to start",
            ("-wrapper",),
            r"-wrapper[\s=]{1,4}['\"]?(?:/\w{1,8}){0,3}/?(?:ba|da|z|k)?sh,",
        ),
        Sign(
            POSSIBLE,
            "an expansion that matters to a shell only",
            ("${", "$("),
            r"\$(?:\{[a-z_]\w{0,20}(?:##|%%|//|:-?\d|\^\^|,,)|\(\()",
            r"[;|&`]\s{0,4}[\w./]{0,24}",
        ),
        Sign(
            LIKELY,
            "a pipe by a name",
            ("mkfifo", "mknod"),
            r"mk(?:fifo|nod)\s{1,4}['\"]?[\w./-]{1,40}",
            r"(?:^|[;|&`(\s])",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a reading or writing of a device or a file by a redirection",
            (">/", "> /", "</", "< /", "0>&", "1>&", "2>&"),
            (
                r"(?:[<>]{1,2}\s?/(?:dev/(?:tcp|udp|pts|shm|sd)|tmp/|var/|etc/|"
                r"proc/)[\w./]{1,80}|\d>&\s?\d)(?:[\s;|&)`'\"]|$)"
            ),
            r"[\w\"')\]/\s]\s{0,4}",
            WEAK,
        ),
    ),
)
