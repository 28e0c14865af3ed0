"""Operators and syntax of query languages other than SQL: MongoDB and its kin, LDAP filters, XPath.

Sources: CWE-943, CWE-90, CWE-643; OWASP WSTG-INPV-05.6 (NoSQL), WSTG-INPV-06 (LDAP), WSTG-INPV-09 (XPath);
RFC 4515 (LDAP filters).
"""

from masugata.engines.waf.detectors._signs import CERTAIN, LIKELY, POSSIBLE, WEAK, WORD, Sign, SignDetector

_OPERATORS = (
    r"(?:eq|ne|gte?|lte?|n?in|n?or|and|not|exists|type|regex|where|"
    r"mod|text|all|elemmatch|size|expr|options|function|accumulator|"
    r"jsonschema|lookup|comment)"
)
_RUNS = r"(?:where|function|accumulator|expr|reduce)"
_METHODS = (
    r"(?:insert(?:one|many)?|find(?:one|andmodify|oneandupdate)?|"
    r"update(?:one|many)?|remove|drop(?:database)?|delete(?:one|many)?|"
    r"aggregate|mapreduce|save|count|group|eval|adduser|getcollectionnames|"
    r"stats)"
)
_ATTRIBUTE = r"[a-z][a-z0-9.;-]{0,40}(?::[a-z0-9.]{0,40}:?)?"

_WORDS = tuple(
    f"${name}"
    for name in [
        "eq",
        "ne",
        "gt",
        "gte",
        "lt",
        "lte",
        "nin",
        "in",
        "nor",
        "or",
        "and",
        "not",
        "exists",
        "type",
        "regex",
        "where",
        "mod",
        "text",
        "all",
        "elemmatch",
        "size",
        "expr",
        "options",
        "function",
        "accumulator",
        "jsonschema",
        "lookup",
        "comment",
        "reduce",
    ]
)

_NOSQL = (
    Sign(
        LIKELY,
        "an operator of MongoDB as an argument's name",
        ("[$", '["$', "['$"),
        rf"\[['\"]?\${_OPERATORS}['\"]?\]",
    ),
    # Some interfaces take `$and`, `$in` and their like from clients, as names in JSON.
    Sign(
        LIKELY,
        "an operator of MongoDB as a name",
        (
            "$where",
            "$function",
            "$accumulator",
            "$expr",
            "$ne",
            "$nin",
            "$regex",
            "$jsonschema",
            "$not",
            "$nor",
            "$exists",
        ),
        r"\$(?:where|function|accumulator|expr|ne|nin|regex|jsonschema|not|nor|exists)$",
        r"^",
    ),
    Sign(
        LIKELY,
        "an operator of MongoDB in an object",
        _WORDS,
        rf"\${_OPERATORS}['\"]?\s{{0,4}}:\s{{0,4}}(?:['\"\[{{/]|-?\d|null|true|false|$)",
        r"[{,\s]\s{0,4}['\"]?",
        WEAK,
    ),
    Sign(
        CERTAIN,
        "an operator of MongoDB that runs JavaScript",
        ("$where", "$function", "$accumulator", "$expr", "$reduce"),
        (
            rf"\${_RUNS}['\"]?\]?\s{{0,4}}(?:[:=])\s{{0,4}}['\"]?(?:function|"
            rf"\d|this|return|sleep|['\"]|\$|\{{)"
        ),
        r"(?:^|[\[{,\s'\"])",
        POSSIBLE,
    ),
    Sign(
        LIKELY,
        "a collection of MongoDB, called",
        ("db.",),
        rf"db\.(?:\w{{1,40}}\.){{0,2}}{_METHODS}\(",
        WORD,
        WEAK,
    ),
    Sign(
        LIKELY,
        "fields of a document, compared in JavaScript",
        ("this.",),
        (
            r"this\.[a-z_]\w{0,40}\s{0,4}(?:\.match\(|[=!]={1,2}|\.length\s?[<>=]|"
            r"\[\d|\.charat|\.substr|\.startswith)"
        ),
        r"(?:^|[^\w.])(?:\|\||&&|return|;|['\"])\s{0,4}",
    ),
    Sign(
        LIKELY,
        "a condition of JavaScript that always holds",
        ("||", "&&"),
        r"(?:\|\||&&)\s{0,4}['\"]?(\w{1,8})['\"]?\s{0,4}={2,3}\s{0,4}['\"]?\w{1,8}",
        r"(?:^\s{0,4}|['\"]\s{0,4}\)?\s{0,4})",
    ),
    Sign(
        LIKELY,
        "a pause in JavaScript",
        ("sleep(", "new date()", "new date("),
        r"(?:sleep\(\d{2,6}\)|new\sdate\(\)\s?;\s?do\s?\{|new\sdate\(\)[^\n]{0,80}while\s?\()",
        r"(?:;|\|\||&&|['\"]|return|\{|=)\s{0,4}",
    ),
)
_LDAP = (
    Sign(
        LIKELY,
        "a filter of LDAP, closed and gone on with",
        (")(",),
        (
            rf"\)\s{{0,4}}\(\s{{0,4}}(?:[|&!]\s{{0,4}}\({{0,3}}\s{{0,4}}[!|"
            rf"&]?\(?\s{{0,4}})?{_ATTRIBUTE}\s{{0,2}}[~<>]?="
        ),
        r"(?:^|[*\w\s)%])",
    ),
    Sign(
        LIKELY,
        "a filter of LDAP, closed and gone on with",
        (")(", "*(", ") ("),
        r"(?:\*|\))\)?\s{0,4}\(\s{0,4}[|&!]\s{0,4}(?:\(|\)|$|['\"])",
        r"(?:^|[*\w\s)%=])",
    ),
    Sign(
        LIKELY,
        "a filter of LDAP, closed and gone on with",
        (")&(", ")|(", ")!("),
        rf"\)[&|!]\(\s{{0,4}}{_ATTRIBUTE}[~<>]?=",
        r"^[\w@.* -]{0,40}",
    ),
    Sign(
        LIKELY,
        "a filter of LDAP, closed early",
        ("*)", ")(", "))(", "*()"),
        r"(?:\*\)\(?[&|!]|\*\)\)|\*\(\)\||\)\)\(\(?[|&!(])",
        r"^[\w@.* -]{0,40}",
    ),
    Sign(
        LIKELY,
        "a filter of LDAP",
        ("(&(", "(|(", "(!("),
        rf"\([&|!]\s{{0,4}}\([!&|(]{{0,3}}\s{{0,4}}{_ATTRIBUTE}[~<>]?=",
        r"(?:^|[*)\s=(])",
        POSSIBLE,
    ),
    Sign(
        LIKELY,
        "an attribute of LDAP directories",
        ("objectclass=", "userpassword", "useraccountcontrol", "samaccountname="),
        (
            r"(?:objectclass=\*|userpassword(?::[0-9.]{3,40}:?)?[:=]|useraccountcontrol:|"
            r"samaccountname=\*)"
        ),
        r"(?:^|[(|&\s*])",
        WEAK,
    ),
    Sign(
        LIKELY,
        "a rule of matching, named by its identifier",
        (":2.5.13.", ":1.2.840."),
        r":(?:2\.5\.13|1\.2\.840)\.[0-9.]{1,30}:?=",
    ),
)
_XPATH = (
    Sign(
        LIKELY,
        "a function of XPath in a condition",
        ("name(", "position(", "count(", "string-length(", "substring(", "starts-with(", "doc(", "last("),
        (
            r"(?:name\(\s?(?:/?/?[\w*:.]{0,40}(?:\[\d{1,4}\])?)\)\s?=|position\(\)\s?[=<>]|"
            r"count\((?:/|\*|//)|string-length\((?:/|name)|starts-with\(name|"
            r"doc\(['\"]?(?:http|file|concat)|last\(\)\s?[-=])"
        ),
        r"(?:['\"\])]\s{0,4}(?:or|and|\|)|\[|^)\s{0,4}\(?(?:local-)?",
    ),
    Sign(
        LIKELY,
        "a path of XPath in a condition",
        ("]|", "] |", "/*[", "//*", "/node()", "child::", "ancestor::", "parent::", "descendant::"),
        (
            r"(?:\]\s?\|\s?/{1,2}|/{1,2}\*\[|//\*\[?['\"|]|/node\(\)|(?:child|"
            r"ancestor|parent|descendant)::(?:node\(|\*|[a-z]{1,20}\[))"
        ),
        r"(?:^|['\"\])|\s])",
    ),
)

NOSQL = SignDetector("nosqli", _NOSQL)
"""Finds operators of MongoDB where values are expected, and JavaScript for its `$where`."""
LDAP = SignDetector("ldapi", _LDAP)
"""Finds filters of LDAP that a value closes and goes on with."""
XPATH = SignDetector("xpath", _XPATH)
"""Finds conditions of XPath."""
