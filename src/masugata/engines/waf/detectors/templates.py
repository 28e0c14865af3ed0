"""Expressions that template engines evaluate: Jinja, Twig, Freemarker, Velocity, ERB, Razor and others.

Sources: CWE-1336; PortSwigger's research on server-side template injection; PayloadsAllTheThings lists the
engines. A placeholder as mail templates have it, `{{name}}`, is no evidence.
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

_WHOLE = r"^[^\s{$#*@<]{0,24}['\"]?\s{0,4}\+?\s{0,4}"
_SUM = (
    r"\s{0,8}\(?\s{0,4}['\"]?\d{1,12}['\"]?\s{0,4}(?:\*{1,2}|\+|-|"
    r"/|%)\s{0,4}['\"]?\d{1,12}['\"]?\s{0,4}\)?"
)
_OPEN = r"(?:\{\{\{?|\{%|\$\{|#\{|\*\{|@\{|@\(|~\{|<%=?|\{=|\[\[\$?\{?|\{)"
_DUNDERS = (
    "__class__", "__mro__", "__subclasses__", "__globals__", "__builtins__", "__import__", "__base__",
    "__bases__",
            "__init__", "__getattribute__", "__reduce__", "__dict__", "__code__", "__getitem__")  # fmt: skip
_JINJA = (
    r"(?:self|config|request|session|g|lipsum|cycler|joiner|namespace|"
    r"url_for|get_flashed_messages|app|settings|dump|_self|_context|"
    r"top|globals|this|range|loop)"
)

_SIGNS = (
    Sign(
        LIKELY,
        "a sum that a template would do",
        ("{{", "${", "#{", "*{", "@{", "@(", "~{", "<%", "{=", "[["),
        rf"{_OPEN}{_SUM}\s{{0,8}}(?:\}}|%>|\)|\]\])",
        in_prose=WEAK,
    ),
    Sign(LIKELY, "a sum that a template would do", ("{",), rf"\{{{_SUM}\}}", r"^[^\s{]{0,16}"),
    Sign(
        LIKELY,
        "the insides of Python's objects",
        _DUNDERS,
        (
            r"__(?:class|mro|subclasses|globals|builtins|import|bases?|init|"
            r"getattribute|reduce|dict|code|getitem)__"
        ),
        r"(?:\{[{%].{0,100}|\[['\"]|attr\(['\"])",
        WEAK,
    ),
    Sign(
        LIKELY,
        "the insides of Python's objects",
        _DUNDERS,
        r"__(?:class|mro|bases?|init|dict|code)__",
        r"^[\s'\"(\[{]{1,6}[\w'\"()\[\]]{0,12}\.",
        WEAK,
    ),
    Sign(
        LIKELY,
        "the insides of Python's objects",
        ("__class__",),
        r"__class__\s{0,4}(?:\.|\[['\"])\s{0,4}__(?:mro|bases?|subclasses|init)__",
        in_prose=WEAK,
    ),
    Sign(
        POSSIBLE,
        "the insides of Python's objects",
        ("__subclasses__", "__globals__", "__builtins__", "__mro__", "__import__"),
        r"__(?:subclasses|globals|builtins|mro|import)__",
        WORD,
        WEAK,
    ),
    Sign(
        LIKELY,
        "an object that the engine itself provides",
        ("{{",),
        rf"\{{\{{-?\s{{0,8}}{_JINJA}\s{{0,4}}(?:\.|\[|\||\()",
        in_prose=WEAK,
    ),
    Sign(
        POSSIBLE,
        "an object that the engine itself provides",
        ("{{",),
        r"\{\{-?\s{0,8}(?:self|config|request|settings|dump\(|_self|_context|app)\s{0,8}\}\}",
        r"^.{0,16}",
        WEAK,
    ),
    Sign(
        LIKELY,
        "a filter that leaves the sandbox",
        ("|attr", "|map(", "|filter(", "|sort(", "|reduce(", "| attr", "|format("),
        (
            r"\|\s?(?:attr\s?\(|(?:map|filter|sort|reduce)\s?\(\s?['\"](?:system|"
            r"exec|passthru|shell_exec|phpinfo|file)|format\s?\(['\"]?_)"
        ),
        r"\{[{%].{0,100}",
    ),
    Sign(
        CERTAIN,
        "the insides of Twig",
        (
            "_self.env",
            "registerundefinedfiltercallback",
            "getfilter(",
            "_self.",
            "registerundefinedfunctioncallback",
        ),
        (
            r"(?:_self\.(?:env|set|get|display)|registerundefined(?:filter|"
            r"function)callback|getfilter\()"
        ),
        r"\{[{%].{0,100}",
    ),
    Sign(
        CERTAIN,
        "a utility of Freemarker that runs code",
        ("freemarker.template.utility", "?new()", "?new(", "?api."),
        r"(?:freemarker\.template\.utility|\?new\(\s?\)|\?api\.)",
    ),
    Sign(
        LIKELY,
        "a directive of Freemarker",
        ("<#", "[#"),
        r"[<\[]#(?:assign|include|import|list|macro|function|if|setting|global)\s",
    ),
    Sign(
        LIKELY,
        "a directive of Velocity",
        ("#set", "#evaluate", "#parse", "#include"),
        r"#(?:set\s?\(\s?\$|(?:evaluate|parse|include)\s?\(\s?['\"$])",
        in_prose=POSSIBLE,
    ),
    Sign(
        LIKELY,
        "the insides of Velocity",
        ("$class.", "$runtime", "$engine.", "$velocityengine"),
        r"\$(?:class\.(?:inspect|type|forname)|runtime\b|engine\.|velocityengine)",
    ),
    Sign(
        LIKELY,
        "code in a page of Ruby or Java",
        ("<%",),
        (
            rf"<%[=@!-]?\s{{0,8}}(?:{_SUM}|(?:system|exec|eval|file|dir|io|"
            r"kernel|request|response|session|self|runtime|java|out|page|"
            r"import|include|`|%x|self\.)[\s.(`\[]|`)"
        ),
    ),
    Sign(
        POSSIBLE,
        "code in a page of Ruby, Java or ASP",
        ("<%",),
        r"<%[=@!-]?\s{0,8}[a-z(\"'`].{0,200}%>",
        r"^.{0,40}",
        WEAK,
    ),
    Sign(
        LIKELY,
        "code of Smarty",
        ("{php}", "{/php}", "{$smarty", "{system(", "{if phpinfo", "{self::", "{smarty_"),
        (
            r"\{(?:/?php\}|\$smarty\.(?:version|template|now|server|const|"
            r"env|get|post|request|session|cookies)|system\(|if\s(?:phpinfo|"
            r"system|exec)|self::|smarty_)"
        ),
    ),
    Sign(
        LIKELY,
        "a helper of Handlebars that leads to a constructor",
        ("{{#with", "{{#each", "{{lookup", "{{#"),
        r"\{\{(?:#with|#each|lookup|#).{0,120}(?:constructor|split|__proto__|lookup\s)",
    ),
    Sign(
        LIKELY,
        "a method of a text, called by a template",
        ("{{",),
        r"\{\{-?\s{0,8}(?:['\"][^'\"{}]{0,40}['\"]|\(\)|\[\])\s{0,4}(?:\.|\||\[)\s{0,4}[a-z_]",
        in_prose=WEAK,
    ),
    Sign(
        POSSIBLE,
        "a method called by a template",
        ("{{",),
        r"\{\{-?\s{0,8}[a-z_][a-z0-9_.]{0,40}\.[a-z_]{2,24}\([^{}]{0,60}\)\s{0,8}\}\}$",
        r"^.{0,16}",
        WEAK,
    ),
    Sign(
        POSSIBLE,
        "a statement of a template",
        ("{%",),
        (
            r"\{%-?\s{0,8}(?:if|for|set|import|include|extends|macro|debug|"
            r"with|block|raw|filter|autoescape|load|do)\b[^%]{0,80}%\}"
        ),
        r"^.{0,24}",
        WEAK,
    ),
    Sign(
        LIKELY,
        "the classes of an expression",
        ("${", "#{", "*{", "~{"),
        (
            r"[$#*~]\{[^}]{0,60}(?:class\.|\.class|getclass|classloader|runtime|"
            r"processbuilder|forname|system\.|exec\(|new java|\"\"\.|''\.|"
            r"t\(|request\.|session\.|applicationscope|sessionscope|requestscope|"
            r"pagecontext|facescontext)"
        ),
        in_prose=WEAK,
        # Not with the signs before the brace: beside another expression that begins with them, Hyperscan
        # misses matches of this one.
        wider=(
            r"\{[^}]{0,60}(?:class\.|\.class|getclass|classloader|runtime|processbuilder|forname|system\."
            r"|exec\(|new java|\"\"\.|''\.|t\(|request\.|session\.|applicationscope|sessionscope|"
            r"requestscope|pagecontext|facescontext)"
        ),
    ),
    Sign(
        POSSIBLE,
        "the variables of an expression",
        ("${", "#{"),
        (
            r"[$#]\{(?:applicationscope|sessionscope|requestscope|pagecontext|"
            r"param|header|cookie|initparam|request|session)(?:\.|\[|\})"
        ),
        in_prose=WEAK,
    ),
    Sign(
        LIKELY,
        "a preprocessed expression of Thymeleaf",
        ("__${", "__*{", "::.x", "__::"),
        r"__[$*]\{.{1,120}\}__",
    ),
    Sign(
        LIKELY,
        "code of Razor",
        ("@{", "@("),
        r"@[{(].{0,40}(?:system\.|process\.start|var\s\w{1,20}\s?=|datetime\.|environment\.)",
    ),
    Sign(
        LIKELY,
        "code of Pug or ERB",
        ("#{",),
        (
            rf"#\{{\s{{0,4}}(?:root|global|process|this|system|exec|eval|`|"
            rf"%x|file|io|kernel|require|self)[\s.(\[`]{GAP}"
        ),
        in_prose=WEAK,
    ),
)

TEMPLATES = SignDetector("ssti", _SIGNS)
"""Finds expressions that template engines evaluate."""
