"""Files of servers that no visitor has business with, named by their paths.

Sources: CWE-22, CWE-200; OWASP WSTG-ATHZ-01; the Filesystem Hierarchy Standard, proc(5); Microsoft's
documentation of Windows and IIS; the Servlet specification (WEB-INF).
"""

from masugata.engines.waf.detectors._signs import CERTAIN, LIKELY, POSSIBLE, WEAK, Sign, SignDetector

_SEP = r"(?:[/\\]{1,4}(?:\.[/\\]{1,3}){0,3})"
# A path from the root or from some folder upwards, as opposed to the middle of an address.
_ROOT = r"(?:^|[^a-z0-9_-])[/\\]{1,8}(?:\.[/\\]{1,4}){0,4}"
_BEGIN = r"^[\s'\"]{0,4}(?:file:)?(?:[a-z]:)?[/\\]{0,8}(?:\.[/\\]{1,4}){0,4}"
_STEPS = r"\.\.[/\\;]{1,4}(?:\.[/\\]{1,4}){0,4}"
_DRIVE = (
    r"(?:(?:^|[^a-z])[a-z]:|%(?:systemroot|windir|systemdrive)%|[/\\][a-z]\$|"
    r"\.\.|^)[/\\]{0,8}"
)
_GARBLED = r"^[^\s]{0,120}(?:%|0x|[\x00-\x1f\x80-\xff?^/\\])[^\s]{0,8}"
_END = r"(?:$|[\s\"'/\\?#;:,.)<>&|`\]}~%\x00*-])"
_WHOLE = r"[^\s\"'<>;|&]{0,80}\s{0,4}$"


def _path(*segments: str) -> str:
    return _SEP.join(segments)


_ACCOUNTS = _path("etc", r"(?:passwd|shadow|gshadow|master\.passwd|security/(?:passwd|user)|sudoers)")
_PROCESS = _path(
    "proc",
    r"(?:self|thread-self|\d{1,6})",
    r"(?:environ|cmdline|maps|fd|status|stat|root|cwd|exe|mem|net|mounts|task|cgroup)",
)
_SYSTEM = "(?:" + "|".join((
    _path("etc", r"[a-z0-9_.-]{2,40}"),
    _path("proc", (
        r"(?:self|version|cmdline|cpuinfo|meminfo|mounts|net|sched_debug|"
        r"modules|partitions|filesystems|devices|stat)"
    )),
    _path("var", r"(?:log|mail|spool|www|lib|run|backups|adm|cache|apache\d?)", ""),
    _path("usr", "local", r"(?:apache\d?|etc|nginx|php|tomcat|mysql|zend|pgsql|www|cpanel|lib)", ""),
    _path("usr", "(?:share|lib)", "") + r"(?:tomcat|mysql|php|security|cron|apache2?)",
    _path("root", r"\."),
    _path("opt", r"(?:lampp|xampp|tomcat|apache|nginx|bitnami)", ""),
    _path("sys", "class", ""),
    _path("run", "secrets", ""),
    _path("boot", "grub"),
)) + ")"  # fmt: skip
_WINDOWS = "(?:" + "|".join((
    _path(r"(?:windows|winnt)", (
        r"(?:[a-z]{1,20}\.(?:ini|log|txt|exe|inf)|system32|repair|panther|"
        r"debug|temp|system|inf|csc|prefetch)"
    )),
    _path("inetpub", r"(?:wwwroot|logs|scripts|adminscripts|mailroot|ftproot|iissamples)"),
    _path("program files(?: \\(x86\\))?", r"[a-z]"),
    _path("xampp", r"(?:apache|php|mysql|htdocs|filezilla|phpmyadmin|security|tomcat|sendmail)"),
    _path("documents and settings", r"[a-z]"),
    _path("users", r"(?:administrator|default|public|all users)", r"[a-z]"),
    _path(r"(?:apache(?:2|24)?|wamp(?:64)?|php\d?|mysql)", r"(?:conf|logs|bin|data|php\.ini|my\.ini)"),
)) + ")"  # fmt: skip
_BOOT = (
    r"(?:boot\.ini|win\.ini|system\.ini|autoexec\.bat|ntuser\.dat|"
    r"global\.asax?|pagefile\.sys|hiberfil\.sys|unattend(?:ed)?\.(?:xml|"
    r"txt)|sysprep\.(?:inf|xml)|config[/\\]{1,4}sam|repair[/\\]{1,4}(?:sam|"
    r"system))"
)
_APPLICATION = "(?:" + "|".join((
    _path(r"web-inf", r"(?:web\.xml|classes|lib|[a-z0-9_-]{1,40}\.(?:xml|properties|jsp))"),
    _path(r"meta-inf", r"(?:manifest\.mf|context\.xml)"),
    _path(r"\.git", r"(?:config|head|index|logs|objects|refs)"),
    _path(r"\.svn", r"(?:entries|wc\.db|all-wcprops)"),
    _path(r"\.ssh", r"(?:id_|authorized_keys|known_hosts|config)"),
    _path(r"\.aws", r"(?:credentials|config)"),
    _path(r"\.kube", "config"),
    _path(r"\.docker", r"config\.json"),
)) + ")"  # fmt: skip
_NAMES = (
    r"(?:\.bash_history|\.mysql_history|\.htpasswd|\.htaccess|\.pgpass|"
    r"\.netrc|\.my\.cnf|id_(?:rsa|dsa|ecdsa|ed25519)|\.env(?:\.(?:local|"
    r"prod|production|dev|bak))?|"
    r"(?:web|machine)\.config|wp-config\.php|httpd\.conf|php\.ini|"
    r"my\.cnf|tomcat-users\.xml|access[._]log|error[._]log|config\.inc\.php|"
    r"appsettings\.json|settings\.py)"
)
_NAME_WORDS = (
    ".bash_history", ".mysql_history", ".htpasswd", ".htaccess", ".pgpass", ".netrc", ".my.cnf", "id_",
    ".env", "web.config", "machine.config",
               "wp-config.php", "httpd.conf", "php.ini", "my.cnf", "tomcat-users.xml", "access.log",
               "access_log", "error.log", "error_log", "config.inc.php", "appsettings.json",
               "settings.py",
)  # fmt: skip
_BOOT_WORDS = (
    "boot.ini",
    "win.ini",
    "system.ini",
    "autoexec.bat",
    "ntuser.dat",
    "global.asa",
    "pagefile.sys",
    "hiberfil.sys",
    "unattend",
    "sysprep",
    "config",
    "repair",
)
_SYSTEM_WORDS = ("etc", "proc", "var", "usr", "root", "opt", "sys", "run", "boot")
_WINDOWS_WORDS = (
    "windows",
    "winnt",
    "inetpub",
    "program files",
    "xampp",
    "documents and settings",
    "users",
    "apache",
    "wamp",
    "php",
    "mysql",
)
_APPLICATION_WORDS = ("web-inf", "meta-inf", ".git", ".svn", ".ssh", ".aws", ".kube", ".docker")

UNIX_FILES = SignDetector(
    "lfi",
    (
        Sign(CERTAIN, "the accounts of a Unix system", ("etc",), _ACCOUNTS + _END, _ROOT, WEAK),
        Sign(CERTAIN, "the accounts of a Unix system", ("etc",), _ACCOUNTS + _END, _BEGIN, WEAK),
        # Fuzzers try separators that no system reads as such; what they are after they name all the same.
        Sign(
            LIKELY,
            "the folders and the name of what attackers are after",
            ("etc",),
            r"etc[^\s]{1,24}(?:passwd|shadow|issue|hosts|group)\s{0,2}(?:\x00.{0,24})?$",
            _GARBLED,
            wider=r"etc[^\s]{1,24}(?:passwd|shadow|issue|hosts|group)",
        ),
        Sign(CERTAIN, "a process as a file", ("proc",), _PROCESS, _ROOT, WEAK),
        Sign(
            CERTAIN, "a file of a Unix system behind steps upwards", _SYSTEM_WORDS, _SYSTEM, _STEPS, POSSIBLE
        ),
        Sign(
            LIKELY,
            "a file of a Unix system as the whole value",
            _SYSTEM_WORDS,
            _SYSTEM + _WHOLE,
            _BEGIN.replace("{0,8}", "{1,8}"),
        ),
        Sign(
            LIKELY,
            "a private folder in a home",
            ("home", "root", "~"),
            (
                rf"(?:{_path('home', r'[a-z0-9_.$-]{1,40}')}|root|~){_SEP}\.(?:ssh|"
                r"aws|bash_history|bash_profile|docker|kube|my\.cnf|psql_history|"
                r"gnupg|git-credentials|netrc)"
            ),
            r"(?:^|[^a-z0-9_-])[/\\]{0,4}",
            WEAK,
        ),
    ),
)
"""Finds files of Unix systems."""
WINDOWS_FILES = SignDetector(
    "lfi",
    (
        Sign(
            LIKELY,
            "a file of Windows",
            _WINDOWS_WORDS,
            _WINDOWS + _WHOLE,
            _DRIVE.replace("|^", "") + "|" + r"^[/\\]{1,4}",
            WEAK,
        ),
        Sign(
            LIKELY, "a file of Windows that starts or installs it", _BOOT_WORDS, _BOOT + _END, r"[/\\]", WEAK
        ),
        Sign(
            LIKELY,
            "a file of Windows that starts or installs it",
            _BOOT_WORDS,
            _BOOT + r"\s{0,4}$",
            r"^[\s'\"]{0,4}",
        ),
        Sign(
            LIKELY,
            "the folders and the name of what attackers are after",
            ("boot.ini", "win.ini"),
            r"(?:boot|win)\.ini\s{0,2}(?:\x00.{0,24})?$",
            _GARBLED,
        ),
        Sign(
            LIKELY,
            "the folders and the name of what attackers are after",
            ("system32",),
            r"system32[^\s]{1,24}(?:drivers|config|cmd\.exe|inetsrv)",
            r"^[^\s]{0,120}",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a shared drive of an administrator",
            ("c$", "admin$", "d$"),
            r"(?:[cd]|admin)\$[/\\]",
            r"[/\\]{2}[^\s/\\]{1,60}[/\\]",
            WEAK,
        ),
    ),
)
"""Finds files of Windows."""
APPLICATION_FILES = SignDetector(
    "lfi",
    (
        Sign(
            LIKELY,
            "a folder that servers keep to themselves",
            _APPLICATION_WORDS,
            _APPLICATION,
            r"(?:^|[/\\])[\s'\"]{0,2}(?:~[/\\])?",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a file with settings or secrets behind steps upwards",
            _NAME_WORDS,
            _NAMES + _END,
            r"\.\.[/\\;]{1,4}(?:[\w.-]{1,40}[/\\]{1,2}){0,6}",
            WEAK,
        ),
        Sign(
            POSSIBLE,
            "a file with settings or secrets as the whole value",
            _NAME_WORDS,
            _NAMES + r"\s{0,4}$",
            r"^[\s'\"]{0,4}(?:[a-z]:)?[/\\](?:[\w.-]{1,40}[/\\]{1,2}){0,8}",
        ),
    ),
)
"""Finds files of applications that hold settings and secrets."""
