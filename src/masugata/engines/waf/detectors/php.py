"""PHP: code, functions and variables of high risk, stream wrappers, serialized objects, and settings.

Sources: CWE-94, CWE-98, CWE-502; the PHP manual (functions, supported protocols and wrappers, serialize).
"""

from masugata.engines.waf.detectors._signs import (
    CERTAIN,
    END,
    GAP,
    LIKELY,
    POSSIBLE,
    WEAK,
    WORD,
    Sign,
    SignDetector,
)

# Only PHP has them, and their use in a request has no honest reason.
_RUNS = (
    "shell_exec", "passthru", "proc_open", "pcntl_exec", "popen", "call_user_func_array", "call_user_func",
    "create_function", "file_put_contents", "file_get_contents", "base64_decode", "gzinflate", "gzuncompress",
    "gzdecode", "zlib_decode", "str_rot13", "convert_uudecode", "move_uploaded_file", "fsockopen",
    "pfsockopen",
    "stream_socket_client", "show_source", "highlight_file", "parse_ini_file", "readgzfile",
    "php_uname", "phpinfo",
    "phpversion", "getmyuid", "posix_getpwuid", "posix_kill", "posix_mkfifo", "posix_setuid", "posix_ttyname",
    "proc_get_status", "proc_nice", "proc_terminate", "proc_close", "escapeshellcmd", "escapeshellarg",
    "ini_set",
    "ini_get_all", "set_include_path", "register_shutdown_function", "register_tick_function", "array_map",
    "array_walk", "array_filter", "usort", "uasort", "uksort", "iterator_apply", "preg_replace_callback",
    "mb_ereg_replace", "ob_start", "unserialize", "var_dump", "get_defined_vars",
    "get_defined_constants", "getenv",
    "putenv", "mysql_query", "mysqli_query", "pg_query", "pg_connect", "sqlite_query", "curl_exec",
    "curl_init",
    "curl_multi_exec", "ftp_connect", "ftp_get", "ftp_put", "ssh2_exec", "ssh2_connect", "error_log",
    "extract",
    "opendir", "readdir", "scandir", "symlink", "tempnam", "tmpfile", "unlink", "chgrp", "chown",
    "chmod", "fopen",
    "fread", "fwrite", "fputs", "fgets", "readfile", "readlink", "simplexml_load_file",
    "simplexml_load_string",
    "reflectionfunction", "apache_setenv", "apache_child_terminate", "dl", "expect_popen", "event_new",
    "imap_open",
    "is_uploaded_file", "parse_str", "session_start", "stream_get_contents", "stream_context_create",
    "strrev",
    "substr_replace", "syslog", "virtual", "xmlrpc_decode", "mcrypt_decrypt", "openssl_decrypt",
    "zend_version",
    "gethostbyname", "get_current_user", "get_cfg_var", "disk_free_space", "func_get_args", "bzdecompress",
)  # fmt: skip
# Languages and prose have them as well: what they are called with decides.
_ORDINARY = (
    "eval", "assert", "exec", "system", "include", "include_once", "require", "require_once",
    "preg_replace",
             "mail", "unpack", "pack", "chr", "ord", "hex2bin", "implode", "join", "print_r", "die",
             "exit", "sleep",
             "file", "rename", "copy", "link", "glob", "touch", "mkdir", "printf", "print", "echo",
)  # fmt: skip
_COMMON = "|".join(sorted(_ORDINARY, key=lambda name: -len(name)))
_CALLS = "|".join(sorted(_RUNS, key=lambda name: -len(name)))
_CALLED = rf"(?:{_CALLS}){GAP}\("
_VARIABLE = (
    r"\$(?:\{|_(?:get|post|request|cookie|server|files|env|session)\b|"
    r"globals\b|[a-z_]{1,20}\b)"
)
_SUPERGLOBALS = (
    "$_get", "$_post", "$_request", "$_cookie", "$_server", "$_files", "$_env", "$_session", "$globals",
    "$http_raw_post_data", "$http_get_vars", "$http_post_vars", "$http_cookie_vars", "$http_server_vars",
    "$http_env_vars", "$http_post_files", "$argv", "$argc", "$php_errormsg", "$http_response_header",
    "_server[", "globals[", "_post[", "_get[", "_request[", "_files[",
)  # fmt: skip
_NAMES = "|".join(name.replace("$", r"\$").replace("[", r"\[") for name in _SUPERGLOBALS)
_SETTINGS = (
    "allow_url_include", "allow_url_fopen", "auto_prepend_file", "auto_append_file", "disable_functions",
    "open_basedir", "safe_mode", "suhosin.", "cgi.force_redirect", "cgi.redirect_status_env",
    "register_globals",
    "unserialize_callback_func", "unserialize_max_depth", "error_prepend_string", "zend_extension",
    "opcache.preload",
    "output_buffering", "extension_dir", "user_ini.filename", "session.save_path", "session.upload_progress",
)  # fmt: skip
_NAMED = "|".join(name.replace(".", r"\.") for name in _SETTINGS)
_WRAPPERS = (
    r"(?:php|phar|zlib|compress\.(?:zlib|bzip2)|glob|expect|ogg|rar|"
    r"zip|ssh2(?:\.(?:shell|exec|tunnel|sftp|scp))?)"
)

_STARTS = (
    "system", "exec", "passthru", "shell_exec", "popen", "proc_open", "pcntl_exec", "phpinfo", "eval",
    "assert", "call_user_func", "create_function", "file_get_contents", "readfile",
)  # fmt: skip
_START = "|".join(sorted(_STARTS, key=lambda name: -len(name)))
_COMMENTS = r"(?:\s|/\*[^*]{0,64}\*/|(?://|#)[^\n]{0,40}\n){0,6}"
_MODULES = (
    "opcache.", "mbstring.", "session.", "assert.", "mysqli.", "mysqlnd.", "pdo.", "zend.", "xdebug.",
    "soap.", "phar.", "cgi.", "ffi.", "openssl.", "pcre.", "user_ini.", "url_rewriter.", "zlib.",
    "curl.", "sendmail_", "extension=", "zend_extension=",
)  # fmt: skip
_MODULE = "|".join(name.replace(".", r"\.") for name in _MODULES)
# The functions of PHP's extensions are named after them.
_EXTENSIONS = (
    "pg_", "mysql_", "mysqli_", "sqlite_", "oci_", "mssql_", "odbc_", "ibase_", "db2_", "ftp_",
    "ssh2_", "imap_", "ldap_", "curl_", "socket_", "stream_",
    "posix_", "pcntl_", "proc_", "shmop_", "sem_", "msg_", "readline_", "openssl_", "mcrypt_", "mb_",
    "preg_", "gz", "bz", "zlib_", "ob_", "session_",
    "apache_", "ini_", "simplexml_", "xml_", "xmlrpc_", "dom_", "spl_", "iterator_", "iptc", "exif_",
    "imagecreate", "imagepng", "imagejpeg", "imagegif", "getimagesize", "get_defined_", "get_class_",
    "get_object_vars", "get_loaded_", "func_", "array_", "str_", "substr_", "php_", "phpdbg_",
    "opcache_", "apc_", "apcu_", "runkit_", "rar_", "zip_", "dba_", "dbase_",
    "lchgrp", "lchown", "linkinfo", "fputcsv", "fgetcsv", "fscanf", "fpassthru", "ftok",
    "is_executable", "is_writable", "is_readable", "file_exists", "filemtime",
    "fileowner", "fileperms", "filesize", "stripslashes", "addslashes", "htmlspecialchars",
    "urldecode", "rawurldecode", "quoted_printable_", "convert_", "hex2bin",
    "cli_set_process_title", "sapi_", "event_", "forward_static_call", "is_callable", "variant_",
    "com_", "w32api_", "win32_", "yaml_parse", "igbinary_", "msgpack_", "wddx_",
)  # fmt: skip
_EXTENSION = "|".join(_EXTENSIONS)

_SIGNS = (
    Sign(
        CERTAIN,
        "code in PHP",
        ("<?",),
        r"<\?(?:php(?:[\s/(]|$)|=\s{0,4}[`$'\"(a-z\\]|=.{0,8}[({`])",
        in_prose=WEAK,
    ),
    Sign(
        LIKELY,
        "code in PHP behind a short tag",
        ("<?",),
        r"<\?\s{1,8}[a-z_$@`][a-z0-9_]{0,30}\s{0,4}[(=`\[\"']",
        in_prose=WEAK,
    ),
    Sign(LIKELY, "an unfinished tag of PHP", ("<?",), r"<\?(?:=|\s{0,4}$)", r"^\s{0,4}"),
    Sign(LIKELY, "code in PHP", ("[php]", "[/php]", "[\\php]"), r"\[[/\\]?php\]"),
    Sign(CERTAIN, "a script element in PHP", ("<script",), r"<script[^>]{0,40}language\s?=\s?['\"]?php"),
    Sign(CERTAIN, "a stream of PHP", ("://",), r"://(?:filter|input|stdin|memory|temp|fd|output)\b", r"php"),
    Sign(LIKELY, "a stream of PHP", ("://",), r"://[^\s'\"<>]", rf"(?:^|[^a-z0-9.]){_WRAPPERS}", WEAK),
    Sign(
        CERTAIN,
        "a stream with code in it",
        ("data:", "data://"),
        r"data:(?://)?(?:text/plain|application/x-httpd-php|text/x-php)?;base64,[a-z0-9+/]{8}",
        r"(?:^|[=:])\s{0,4}",
        POSSIBLE,
    ),
    Sign(LIKELY, "a stream with code in it", ("data://",), r"data://", r"(?:^|[=:'\"])\s{0,4}"),
    Sign(
        CERTAIN,
        "a serialized object of PHP",
        ("o:", "c:"),
        r"[oc]:\+?\d{1,4}:['\"][a-z_\\][a-z0-9_\\]{0,80}['\"]:\+?\d{1,4}:\{",
        r"(?:^|[;{:}=|\s])",
    ),
    Sign(
        POSSIBLE,
        "a serialized array of PHP",
        ("a:",),
        r"a:\d{1,4}:\{(?:[is]:\d{1,6}[;:]|[a-z]:)",
        r"(?:^|[;{=|\s])",
    ),
    Sign(
        LIKELY,
        "a variable of PHP that requests fill",
        _SUPERGLOBALS,
        rf"(?:{_NAMES})\s{{0,4}}(?:[\[\]{{=;)]|$)",
        r"(?:^|[^a-z0-9])",
        WEAK,
    ),
    Sign(
        LIKELY,
        "a setting of PHP",
        _SETTINGS,
        rf"(?:{_NAMED})[a-z_.]{{0,20}}\s{{0,2}}(?:=|$)",
        r"(?:^|-d\s{0,4}|[+\s&?])",
        WEAK,
    ),
    Sign(
        LIKELY,
        "a function of PHP, called",
        _RUNS,
        rf"(?:{_CALLS}){GAP}\([^)$'\"]{{0,80}}[)$'\"]",
        r"(?:^|[^a-z0-9_.>-])",
        WEAK,
        wider=_CALLED,
    ),
    Sign(
        LIKELY,
        "a function of PHP, called",
        _RUNS,
        rf"(?:{_CALLS}){GAP}\(\s{{0,8}}$",
        WORD,
        WEAK,
        wider=_CALLED,
    ),
    Sign(
        LIKELY,
        "a function of an extension of PHP, called",
        _EXTENSIONS,
        rf"(?:{_EXTENSION})[a-z0-9_]{{0,40}}{GAP}\(",
        r"(?:^|[^a-z0-9_.>-])",
        WEAK,
    ),
    Sign(
        LIKELY,
        "a function that takes code, called with a variable or a string",
        _ORDINARY,
        (
            rf"(?:{_COMMON}){GAP}\({GAP}(?:{_VARIABLE}|['\"][^'\"]{{0,60}}['\"]{GAP}[\).,;]|"
            rf"{_COMMON}|{_CALLS}|\d{{1,4}}\s?\))"
        ),
        r"(?:^|[;{}(=@!/?]|\?>|<\?(?:php|=)?\s{0,4})\s{0,4}",
        WEAK,
        wider=rf"(?:{_COMMON}){GAP}\({GAP}[\"'$a-z0-9]",
    ),
    Sign(
        LIKELY,
        "a function that takes code, called with a variable",
        ("eval", "assert", "exec", "system", "include", "require", "preg_replace", "echo"),
        (
            r"(?:eval|assert|exec|system|include(?:_once)?|require(?:_once)?|"
            rf"preg_replace|echo){GAP}[\s(]{GAP}['\"]?{_VARIABLE}{GAP}[\[(]"
        ),
        WORD,
        WEAK,
    ),
    Sign(
        LIKELY,
        "a function that is a variable",
        ("$",),
        (
            rf"\$(?:\{{[^}}]{{1,40}}\}}|_?\w{{1,20}}){GAP}(?:\[[^\]]{{0,20}}\]{GAP}|"
            rf"\{{[^}}]{{0,20}}\}}{GAP}){{0,3}}\({GAP}(?:[\"'$\d_].{{0,40}})?\)"
        ),
        r"(?:^|[=;(@{\s])",
        WEAK,
    ),
    Sign(LIKELY, "a function that is a variable", ("($",), rf"\(\$\w{{1,20}}\){GAP}\(", in_prose=WEAK),
    Sign(
        LIKELY,
        "a function that is a string",
        ("')", '")', "']", '"]'),
        rf"['\"]{GAP}[\])]{{0,2}}{GAP}(?:\[\d\]{GAP})?\){GAP}\({GAP}['\"$]",
        r"(?:^|[=;(\s])\(\[?[^()]{0,40}",
    ),
    Sign(
        LIKELY,
        "a function that is a word in parentheses",
        (")(", ") (", ")/*"),
        rf"\){GAP}\({GAP}['\"$][^()]{{0,60}}['\"]?{GAP}\)",
        r"\(\[?['\"]?[a-z_.'\"]{4,30}['\"]?\]?",
    ),
    Sign(
        LIKELY,
        "a function that starts programs, in parentheses",
        _STARTS,
        (
            rf"(?:{_START}){_COMMENTS}['\"]?[)\]]{{1,2}}(?:{_COMMENTS}[\[{{][^\]}}]{{0,24}}[\]}}])"
            rf"{{0,2}}{_COMMENTS}\("
        ),
        rf"[(\[]{_COMMENTS}['\"]?",
        wider=rf"(?:{_START})[^a-z(].{{0,60}}\(",
    ),
    Sign(
        LIKELY,
        "a function that starts programs, as a string that is called",
        _STARTS,
        rf"(?:{_START})['\"]{GAP}\(",
        r"['\"]",
    ),
    Sign(
        LIKELY,
        "a function that starts programs",
        ("exec", "system", "passthru", "shell_exec", "eval", "assert", "popen"),
        (
            rf"(?:exec|system|passthru|shell_exec|eval|assert|popen){_COMMENTS}\([^()]{{0,40}}\)\s"
            rf"{{0,4}};?\s{{0,4}}$"
        ),
        r"^[\s@;]{0,4}",
        WEAK,
        wider=r"(?:exec|system|passthru|shell_exec|eval|assert|popen)(?:[\s/#][^(]{0,120})?\(",
    ),
    Sign(
        LIKELY,
        "a variable by a name that is made",
        ("$",),
        r"\$(?:\s{1,16}\{|\{\s{0,4}['\"@~]|\{\s{0,4}\$[a-z_{]|\$[a-z_]\w{0,20}\s?\()",
        r"(?:^|[^a-z0-9_$])",
        WEAK,
    ),
    Sign(
        LIKELY,
        "a method by a name in a variable",
        ("->$", "->{$", "::$"),
        r"(?:->|::)\{?\$\w{1,20}\}?\s?\(",
        r"[\w)\]]",
        WEAK,
    ),
    Sign(LIKELY, "a session of PHP as a file", ("/sess_",), r"/sess_[a-z0-9]{8}"),
    Sign(POSSIBLE, "a setting of PHP", _MODULES, rf"(?:{_MODULE})[a-z_.]{{3,40}}\s{{0,2}}=", r"^", WEAK),
    Sign(
        POSSIBLE,
        "a name of PHP's code that the value is",
        ("phpinfo", "php_uname", "phpversion", "shell_exec", "passthru", "proc_open"),
        rf"(?:phpinfo|php_uname|phpversion|shell_exec|passthru|proc_open){END}",
        r"^\s{0,4}@?",
    ),
)

PHP = SignDetector("phpi", _SIGNS)
"""Finds PHP that a request brings along."""
