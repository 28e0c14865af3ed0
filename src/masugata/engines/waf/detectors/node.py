"""Node: prototypes that requests change, JavaScript that runs in a server, and React's server functions.

Sources: CWE-1321; HackTricks and PortSwigger on server-side prototype pollution; CVE-2017-5941
(node-serialize); CVE-2025-55182 and CVE-2025-66478 (React Server Components, Next.js).
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

_MODULES = (
    r"(?:node:)?(?:child_process|fs|vm|module|net|http|os|process|"
    r"cluster|worker_threads|repl|dgram)"
)

_POLLUTION = (
    Sign(
        LIKELY,
        "the prototype of all objects",
        ("__proto__",),
        r"__proto__",
        r"(?:^|[\[.\]\"'{,:\s$/])",
        POSSIBLE,
    ),
    Sign(
        LIKELY,
        "the prototype of all objects, through a constructor",
        ("constructor",),
        r"constructor['\"]?\]?(?:\.|\[|['\"]?\s?[:\]]\s?[\[{]?)['\"]?prototype",
        r"(?:^|[^a-z0-9_])",
        POSSIBLE,
    ),
    Sign(
        POSSIBLE,
        "methods that objects of JavaScript inherit",
        ("__definegetter__", "__definesetter__", "__lookupgetter__"),
        r"__(?:define|lookup)[gs]etter__",
        in_prose=WEAK,
    ),
)
_CODE = (
    Sign(
        CERTAIN,
        "a function in serialized JavaScript",
        ("_$$nd_func$$_", "__js_function", "$$nd_"),
        r"(?:_\$\$nd_func\$\$_|__js_function|\$\$nd_)",
    ),
    Sign(
        LIKELY,
        "a module of Node, loaded",
        ("require", "import"),
        rf"(?:require|import){GAP}(?:\.call)?\({GAP}['\"`]{_MODULES}['\"`]{GAP}\){GAP}[.;)]",
        in_prose=WEAK,
    ),
    Sign(
        CERTAIN,
        "a program started through Node",
        ("child_process", "execsync", "spawnsync", "execfilesync"),
        (
            r"(?:child_process['\"`)\]]{0,4}\s{0,4}[.\[]['\"]?(?:exec|spawn|"
            r"fork)[a-z]{0,8}['\"\]]{0,2}\(|(?:exec|spawn|execfile)sync\s?\()"
        ),
        in_prose=WEAK,
    ),
    Sign(
        LIKELY,
        "the process that Node runs in",
        ("process",),
        (
            r"process['\"\])]{0,3}\s?(?:\.|\[['\"])(?:mainmodule|binding|"
            r"_load|env|argv|exit\b|kill|dlopen|getbuiltinmodule)"
        ),
        r"(?:^|[^a-z0-9_$-])",
        WEAK,
    ),
    Sign(
        CERTAIN,
        "the loader of Node's modules",
        ("mainmodule", "constructor._load", "process.binding", "getbuiltinmodule"),
        r"(?:mainmodule|constructor\._load|process\.binding|getbuiltinmodule)",
        WORD,
        POSSIBLE,
    ),
    Sign(
        LIKELY,
        "a function made from text",
        ("constructor",),
        r"constructor['\"]?\]?\s?(?:\.|\[['\"]|:)\s?constructor",
        in_prose=POSSIBLE,
    ),
    Sign(
        LIKELY,
        "a function made from text",
        ("function(",),
        r"function\(\s?['\"`]\s?return\s?(?:process|this|global)",
        WORD,
    ),
    Sign(
        LIKELY,
        "require, subscripted or called with a request's value",
        ("require",),
        r"require(?:\[|\(\s?(?:req|request)\.)",
        WORD,
    ),
    Sign(
        LIKELY,
        "globals of Node",
        ("global.process", "globalthis.process", "global[", "this.constructor.constructor"),
        r"(?:global(?:this)?\.process|global\[['\"]|this\.constructor\.constructor)",
        WORD,
    ),
    Sign(
        LIKELY,
        "the console of JavaScript",
        ("console",),
        r"console\s?\.\s?(?:log|info|error|debug|trace|warn|table|dir|time|assert)\s?\(",
        r"(?:^|[;{}(=,'\"]\s{0,4})",
        WEAK,
    ),
    Sign(
        LIKELY,
        "a module of Node by its name",
        ("child_process",),
        r"child_process['\"`]",
        r"['\"`](?:node:)?",
        WEAK,
    ),
    Sign(
        LIKELY, "what a module of Node offers", ("module.exports",), r"module\.exports\s?(?:=|\.)", WORD, WEAK
    ),
    Sign(LIKELY, "the process of Node, subscripted", ("process[",), r"process\[(?:['\"`]|req)", WORD, WEAK),
    Sign(
        POSSIBLE,
        "a loop without end",
        ("while(", "while (", "for(;;", "while(("),
        (
            r"(?:while\s?\({1,3}\s?(?:!{0,2}[+-]?\d{1,4}|!false|[+-]?infinity|"
            r"this|new\sdate|!{0,2}``|!{0,2}true|!{0,2}['\"]{2}|!{0,2}\[\]|"
            r"!\+?\d|!null|!undefined|-\d)\s?\){1,3}|for\s?\(\s?;\s?;\s?\))"
        ),
        r"(?:^|[;=,(}'\"])\s{0,4}",
        WEAK,
    ),
    Sign(
        LIKELY,
        "an answer that a request writes",
        ("res.end(", "response.end(", "res.write(", "res.send("),
        r"res(?:ponse)?\.(?:end|write|send)\(\s?(?:require|process|global|fs\.)",
        WORD,
    ),
)
_REACT = (
    Sign(
        CERTAIN,
        "a reference into a prototype, as React's server functions are called with",
        (":__proto__", ":constructor", ":prototype"),
        r":(?:__proto__|constructor|prototype)",
        r"\$[a-z]?[0-9a-f]{0,8}(?::[a-z0-9_$-]{1,40}){0,2}",
    ),
    Sign(CERTAIN, "a chunk of React's that claims to be resolved", ("resolved_model",), r"resolved_model"),
    Sign(
        CERTAIN,
        "the insides of React's answers",
        ("_response",),
        r"_response['\"\s]{0,4}:.{0,24}(?:_prefix|_formdata|_chunks)",
    ),
    Sign(
        LIKELY,
        "the insides of React's answers",
        ("_formdata", "_prefix"),
        (
            r"(?:_formdata['\"\s]{1,4}:\s{0,4}\{\s{0,4}['\"]get|_prefix['\"\s]{1,4}:.{0,80}(?:proc"
            r"ess|require|function|eval|import))"
        ),
    ),
    Sign(
        LIKELY,
        "a blob or a thenable that React's server functions read",
        ('"$b', "'$b"),
        r"['\"]\$b[0-9a-f]{1,8}['\"]",
        r"(?:then|value)[\\'\"\s:{]{1,12}(?:then[\\'\"\s:]{1,8})?[\\]{0,2}",
    ),
)

NODE = SignDetector("node", (*_POLLUTION, *_CODE))
"""Finds what changes prototypes, and JavaScript that runs in a server."""
REACT = SignDetector("react", _REACT)
"""Finds calls of React's server functions that make them run code (React2Shell)."""
