"""Paths that only administrators ask for, or those who look for what was left lying about.

Sources: AWS, "Baseline rule groups" (AdminProtection, KnownBadInputs: ExploitablePaths,
RestrictedExtensions) and "Use-case specific rule groups" (WordPress); the advisories named behind the
signs; CWE-538, CWE-552.
"""

from masugata.engines.waf.detectors._detector import Place
from masugata.engines.waf.detectors._signs import CERTAIN, LIKELY, POSSIBLE, WEAK, Sign, SignDetector

_PATH = frozenset({Place.PATH})
_END = r"(?:/|$|[?;#%\s\x00])"


def _names(*names: str) -> tuple[tuple[str, ...], str]:
    pattern = "|".join("".join(rf"\{c}" if c in ".+*?()[]{}^$|" else c for c in name) for name in names)
    return names, f"(?:{pattern})"


_ADMIN_WORDS, _ADMIN = _names(
    "/admin", "/administrator", "/phpmyadmin", "/pma/", "/myadmin", "/mysqladmin", "/adminer",
    "/sqlmanager", "/sqladmin", "/dbadmin",
    "/wp-admin", "/manager/html", "/host-manager", "/jmx-console", "/web-console", "/admin-console",
    "/cpanel", "/plesk", "/webmin",
    "/server-status", "/server-info", "/phppgadmin", "/pgadmin", "/mysql-admin", "/webadmin",
    "/siteadmin", "/admincp", "/moderator", "/console/login",
)  # fmt: skip
_VCS_WORDS, _VCS = _names(
    "/.git", "/.svn", "/.hg", "/.bzr", "/cvs/root", "/cvs/entries", "/.gitconfig", "/.gitignore",
    "/.gitlab-ci", "/.gitattributes", "/.gitmodules",
)  # fmt: skip
_SECRET_WORDS, _SECRET = _names(
    "/.env", "/.aws/", "/.ssh/", "/.htpasswd", "/.htaccess", "/.bash_history", "/.bash_profile",
    "/.bashrc", "/.profile", "/.zsh_history", "/.mysql_history", "/.psql_history",
    "/.npmrc", "/.pypirc", "/.netrc", "/.dockercfg", "/.docker/config", "/.kube/config", "/.ds_store",
    "/.vscode/", "/.idea/", "/.config/", "/.travis.yml", "/.dockerignore", "/id_rsa", "/id_dsa",
    "/id_ed25519",
    "/web-inf/", "/meta-inf/", "/web.config", "/global.asa", "/trace.axd", "/elmah.axd",
    "/appsettings.json", "/application.properties", "/application.yml", "/wp-config",
    "/config.inc.php", "/configuration.php-dist",
    "/localsettings.php", "/database.yml", "/credentials.json", "/secrets.yml", "/docker-compose.yml",
    "/composer.lock", "/sftp-config.json", "/.ftpconfig", "/phpinfo", "/info.php", "/.user.ini",
    "/php.ini", "/.rediscli_history", "/.subversion", "/.well-known/../",
)  # fmt: skip
_SHELL_WORDS, _SHELL = _names(
    "/wso.php", "/c99.php", "/r57.php", "/b374k.php", "/shell.php", "/cmd.php", "/alfa.php",
    "/alfashell.php", "/mini.php", "/webshell", "/backdoor.php", "/up.php", "/uploader.php",
    "/cmd.jsp", "/shell.jsp",
    "/cmd.asp", "/cmdasp.asp", "/shell.asp", "/aspxspy", "/wso2.", "/indoxploit", "/ws.php",
    "/marijuana.php", "/tesla.php", "/xleet", "/antichat", "/jspspy", "/cmd.cfm", "/r57shell",
    "/c99shell",
)  # fmt: skip
_KNOWN_WORDS, _KNOWN = _names(
    "/vendor/phpunit/", "/phpunit/src/util/", "/eval-stdin.php",  # CVE-2017-9841
    "/_ignition/execute-solution",  # CVE-2021-3129
    "/actuator/env", "/actuator/heapdump", "/actuator/gateway", "/actuator/jolokia",
    "/actuator/shutdown", "/actuator/threaddump", "/jolokia/", "/heapdump",
    "/solr/admin", "/struts/webconsole", "/invoker/jmxinvokerservlet", "/invoker/readonly",
    "/axis2-admin", "/axis2/axis2-admin",
    "/boaform/", "/hnap1", "/gponform/", "/setup.cgi", "/tmunblock.cgi", "/goform/", "/cgi-bin/luci",
    "/cgi-bin/test-cgi", "/cgi-bin/printenv", "/cgi-bin/php", "/cgi-bin/bash", "/cgi-bin/.%2e",
    "/autodiscover/autodiscover.json", "/owa/auth/x.js", "/ecp/y.js", "/ecp/default.flt",
    "/remote/fgt_lang", "/dana-na/", "/dana/html5acc", "/+cscoe+/", "/+cscot+/",
    "/tmui/login.jsp/..;", "/mgmt/tm/util/bash", "/mgmt/shared/authn",  # CVE-2020-5902, CVE-2022-1388
    "/wls-wsat/", "/_async/asyncresponseservice", "/console/css/%252e", "/console/images/%252e",
    "/bea_wls_internal",  # CVE-2017-10271, CVE-2020-14882
    "/vpn/../vpns/", "/vpns/portal/",  # CVE-2019-19781
    "/hudson/script", "/jenkins/script", "/script/console", "/console/j_security_check",
    "/api/jsonws/invoke", "/geoserver/wfs", "/nacos/v1/auth", "/druid/index", "/v1/agent/self",
    "/_cat/indices", "/_search?", "/containers/json", "/v2/_catalog",
    "/telescope/requests", "/_profiler/phpinfo", "/app_dev.php", "/debug/default/view", "/debug/pprof",
    "/config/getuser", "/sdk/webLanguage", "/streaming/clients_live.php", "/sitecore/shell",
    "/umbraco/", "/fckeditor/", "/ueditor/", "/kcfinder/", "/elfinder/connectors",
    "/ofbiz/", "/webtools/control/", "/showlogin.cc", "/manager/text", "/functionrouter",
    "/backup.zip", "/backup.tar", "/backup.sql", "/dump.sql", "/db.sql", "/database.sql", "/www.zip",
    "/site.zip", "/wwwroot.", "/website.zip",
)  # fmt: skip
_WORDPRESS_WORDS, _WORDPRESS = _names(
    "/xmlrpc.php", "/wp-config.php", "/wp-config", "/wp-content/debug.log", "/wp-admin/install.php",
    "/wp-admin/setup-config.php", "/wp-admin/admin-ajax.php/", "/wp-content/plugins/revslider/",
    "/wp-content/uploads/dump.sql",
    "/wp-json/wp/v2/users", "/wp-content/plugins/wp-file-manager/lib", "/wp-includes/wlwmanifest.xml",
    "/wp-content/plugins/duplicator", "/wp-settings.php", "/wp-load.php", "/wp-cron.php/",
    "/wlwmanifest.xml", "/wp-content/backup-", "/timthumb.php",
)  # fmt: skip
# Logs and settings are AWS's own examples. With them stand backups, databases, keys, and what only IIS maps;
# not sources, libraries and data, which repositories, browsers' applications and games ask for. What editors
# leave is named after what they edited.
_BACKUPS = (
    r"(?:bak|backup|old|orig|swp|swo|~|conf|config|ini|log|sql|sqlite3?|db|mdb|dump|inc|cfg|cer|pem|p12|pfx|"
    r"jks|kdbx|rdb|asa|asax|lnk|sys|idq|printer|htr|htw|ida|idc|rsa|dos|dbf|cdx|axd|ashx~)"
)
_EDITED = r"(?:save|tmp|copy)"
_AT_END = r"(?:[.\s]{0,4}|::\$data|;[^/]{0,64})$"
_RESTRICTED = rf"\.(?:{_BACKUPS}|[a-z][a-z0-9]{{1,4}}\.{_EDITED}){_AT_END}"
# Presentations of Keynote end in `.key` too: what holds a private key is called or kept like one.
_KEY_NAMES = (
    r"(?:private|priv|privkey|server|host|client|root|ca|cert|certificate|ssl|tls|rsa|dsa|ecdsa|ed25519|domain|"
    r"site|star|wildcard|www|web|apache|nginx|httpd|vpn|ssh|jwt|sign|signing|master|secret|backup|production)"
)
_OF_A_KEY = (
    rf"(?:/(?:ssl|tls|certs?|certificates|private|keys?|pki|etc)/[^/]{{1,64}}|(?:^|[^a-z]){_KEY_NAMES}(?:[0-9._-][^/\s]{{0,64}})?|"
    r"[a-z0-9]\.[a-z]{2,24})"
)
_SCRIPTS = r"(?:php\d?|phtml|phar|aspx?|jspx?|cgi|pl|py|rb|cfm|asa|ashx|do|action)"

ADMIN_PATHS = SignDetector(
    "adminpath",
    (
        Sign(
            LIKELY,
            "a page for administrators",
            _ADMIN_WORDS,
            rf"{_ADMIN}(?:/|$|\.|[?;])",
            r"^.{0,60}",
            places=_PATH,
        ),
    ),
)
"""Finds pages for administrators, which many sites have and few should show to all."""
EXPLOITABLE_PATHS = SignDetector(
    "scanpath",
    (
        Sign(CERTAIN, "the insides of a version control system", _VCS_WORDS, rf"{_VCS}{_END}", places=_PATH),
        Sign(
            LIKELY,
            "a file with secrets or settings",
            _SECRET_WORDS,
            rf"{_SECRET}(?:[./~]|$|[?;#%\s\x00_-]|[a-z0-9])",
            places=_PATH,
        ),
        Sign(LIKELY, "a shell that an intruder left", _SHELL_WORDS, _SHELL, places=_PATH),
        Sign(LIKELY, "a path of a known weakness", _KNOWN_WORDS, _KNOWN, places=_PATH),
        Sign(
            LIKELY,
            "a copy that an editor or a person left of a script",
            (
                ".php",
                ".asp",
                ".jsp",
                ".py",
                ".rb",
                ".config",
                ".cgi",
                ".inc",
                ".yml",
                ".xml",
                ".pl",
                ".js",
                ".html",
            ),
            (
                rf"\.(?:{_SCRIPTS}|config|inc|yml|xml|js|html?)(?:\.(?:bak|backup|"
                r"old|orig|save|swp|swo|tmp|copy|dist|txt|zip|tar|gz|rar|"
                r"\d)|~|_bak|_old|\.~\d?~?)$"
            ),
            places=_PATH,
        ),
        Sign(
            LIKELY,
            "a script that pretends to be a picture",
            (".php", ".asp", ".jsp", ".cgi", ".pl", ".py", ".do", ".phtml"),
            (
                rf"\.{_SCRIPTS}[\x00-\x20;#%:\\\xff\xe5]{{1,4}}[a-z0-9%]{{0,8}}\.(?:png|"
                r"jpe?g|gif|css|js|ico|svg|txt|html?|pdf|woff2?)"
            ),
            places=_PATH,
        ),
        Sign(
            LIKELY,
            "a hidden folder or file in disguise",
            ("/%2e", "/%252e"),
            r"/%(?:25)?2e[^./%]",
            places=_PATH,
        ),
    ),
)
"""Finds what scanners look for: repositories, secrets, shells, and known weaknesses."""
WORDPRESS_PATHS = SignDetector(
    "wordpress",
    (
        Sign(
            LIKELY,
            "a file of WordPress that visitors need not ask for",
            _WORDPRESS_WORDS,
            _WORDPRESS,
            places=_PATH,
        ),
        Sign(
            LIKELY,
            "a script among the uploads of WordPress",
            ("/wp-content/uploads/", "/wp-includes/"),
            r"/(?:wp-content/uploads|wp-includes)/[^?]{0,100}\.ph(?:p\d?|tml|ar)",
            places=_PATH,
        ),
    ),
)
"""Finds files of WordPress that are attacked."""
WORDPRESS_COMMANDS = SignDetector(
    "wordpress",
    (
        Sign(
            LIKELY,
            "a function of WordPress that attackers call",
            (
                "do-reset-wordpress",
                "duplicator_download",
                "revslider_show_image",
                "revslider_ajax_action",
                "wp_ajax_",
                "wysija",
                "action=upload-plugin",
                "fusion_",
                "kn_pending",
            ),
            (
                r"(?:do-reset-wordpress|duplicator_download|revslider_(?:show_image|"
                r"ajax_action)|wp_ajax_[a-z]|action=upload-plugin)"
            ),
        ),
        Sign(
            POSSIBLE,
            "the number of an author, asked for by name",
            ("author=",),
            r"author=\d{1,3}$",
            r"^",
            places=frozenset({Place.QUERY_ARGUMENT}),
        ),
    ),
)
"""Finds arguments that make WordPress and its plug-ins do what they should not."""
RESTRICTED_EXTENSIONS = SignDetector(
    "extension",
    (
        Sign(
            POSSIBLE,
            "a file that servers do not show",
            (".",),
            _RESTRICTED,
            r"[^\s]",
            places=_PATH,
        ),
        Sign(POSSIBLE, "a private key", (".key",), rf"\.key{_AT_END}", _OF_A_KEY, places=_PATH),
        Sign(
            WEAK,
            "a file that servers do not show",
            (".",),
            _RESTRICTED,
            r"[^\s]",
            places=frozenset({Place.QUERY_ARGUMENT}),
        ),
    ),
)
"""Finds extensions of logs, settings, backups and keys."""
