"""Java: serialized objects, classes and expressions that run code.

Sources: CWE-502, CWE-917; ysoserial and marshalsec (which classes); CVE-2017-5638 and S2-045 to S2-061
(OGNL), CVE-2022-22963 and CVE-2022-22965 (Spring), CVE-2017-12149 (JBoss).
"""

from masugata.engines.waf.detectors._signs import (
    ANYWHERE,
    CERTAIN,
    GAP,
    LIKELY,
    POSSIBLE,
    WEAK,
    WORD,
    Sign,
    SignDetector,
)

_ALONE = r"^[\s'\"\[{(@#!]{0,4}(?:[a-z0-9_.]{1,40}=)?"
_PACKAGES = (
    "java.lang.",
    "java.io.",
    "java.net.",
    "java.util.",
    "java.nio.",
    "javax.script.",
    "javax.naming.",
    "javax.management.",
    "com.sun.",
    "sun.misc.",
    "sun.reflect.",
    "com.opensymphony.",
    "org.omg.corba",
    "org.apache.commons",
    "org.apache.tomcat",
    "org.apache.xalan.",
    "org.springframework.",
    "org.codehaus.groovy.",
    "org.hibernate.",
    "com.mchange.",
    "java.beans.",
    "bsh.",
    "freemarker.",
    "net.sf.ehcache.",
)
_PACKAGE = "(?:" + "|".join(name.replace(".", r"\.") for name in _PACKAGES) + ")"
_RISKY = (
    "java.lang.runtime",
    "java.lang.processbuilder",
    "java.lang.processimpl",
    "java.lang.system",
    "java.lang.classloader",
    "java.lang.class",
    "java.lang.reflect",
    "java.lang.thread",
    "javax.script.scriptenginemanager",
    "javax.naming.initialcontext",
    "javax.management.badattributevalueexpexception",
    "com.sun.rowset.jdbcrowsetimpl",
    "com.sun.org.apache",
    "java.net.urlclassloader",
    "sun.misc.unsafe",
    "java.util.priorityqueue",
    "com.mchange.v2.c3p0",
    "org.apache.xbean.propertyeditor",
)
_RISKY_NAME = "(?:" + "|".join(name.replace(".", r"\.") for name in _RISKY) + ")"
_GADGETS = (
    "invokertransformer",
    "instantiatetransformer",
    "clonetransformer",
    "chainedtransformer",
    "constanttransformer",
    "instantiatefactory",
    "prototypeclonefactory",
    "prototypeserializationfactory",
    "whileclosure",
    "forclosure",
    "transformedmap",
    "lazymap",
    "templatesimpl",
    "annotationinvocationhandler",
    "methodinvokingfactorybean",
    "pojonode",
)

_SIGNS = (
    Sign(CERTAIN, "a serialized Java object", ("\xac\xed\x00\x05", "\xac\xed\x05"), r"\xac\xed(?:\x00)?\x05"),
    Sign(CERTAIN, "a serialized Java object in base64", ("ro0ab",), r"ro0ab[a-z0-9+/=_-]{0,8}", WORD),
    Sign(
        LIKELY,
        "a serialized Java object in base64, from a later byte on",
        ("kztaau", "cs7qaf", "s7qaf"),
        r"(?:kztaau|c?s7qaf)",
        WORD,
    ),
    Sign(CERTAIN, "a serialized Java object in hexadecimal", ("aced0005",), r"aced0005[0-9a-f]{4}", WORD),
    Sign(CERTAIN, "byte code as a class's name", ("$$bcel$$",), r"\$\$bcel\$\$"),
    Sign(
        CERTAIN,
        "the class loader of a bound object",
        ("class.module.classloader", "class.classloader", "class['classloader']", 'class["classloader"]'),
        r"class(?:\.module)?(?:\.|\[['\"])classloader",
    ),
    Sign(
        CERTAIN,
        "an expression of OGNL that leaves its sandbox",
        (
            "#_memberaccess",
            "_memberaccess[",
            "#context[",
            "#context.",
            "@ognl.",
            "ognl.ognlcontext",
            "#parameters.",
            "#application[",
            "#attr[",
            "#session[",
            "#request[",
            "xwork.methodaccessor",
            "allowstaticmethodaccess",
            "#_classresolver",
            "#application.",
            "excludedclasses",
            "excludedpackagenames",
        ),
        r"(?:#?_memberaccess[\[=.)\s]|#context[\[.]|@?ognl\.|#(?:parameters|"
        r"application|attr|session|request)[\[.]['\"]?[a-z]|"
        r"xwork\.methodaccessor|allowstaticmethodaccess|#_classresolver|"
        r"excluded(?:classes|packagenames))",
    ),
    Sign(
        CERTAIN,
        "an expression of OGNL that names a class",
        ("@java.", "@javax.", "@org.apache.", "@com.opensymphony.", "@sun."),
        r"@(?:javax?|org\.apache|com\.opensymphony|sun)\.[a-z0-9_.$]{2,80}@",
    ),
    Sign(
        LIKELY,
        "an expression of OGNL",
        ("%{", "${", "redirect:", "action:"),
        (
            r"(?:%\{|\$\{|(?:redirect(?:action)?|action):\s?[$%]\{)\s{0,4}\(?\s{0,4}(?:#[a-z_][a-z"
            r"0-9_]{0,20}\s{0,4}[=.\[]|@[a-z]{2,10}\.)"
        ),
    ),
    Sign(
        CERTAIN,
        "an expression of Spring that names a class",
        ("t(", "t ("),
        rf"t\s?\(\s{{0,4}}(?:{_PACKAGE}|(?:runtime|system|class|thread|string|character)\s?\))",
        WORD,
    ),
    Sign(
        LIKELY,
        "a program started through Java",
        ("getruntime", "processbuilder", "getmethod(", "getengineby", "forname(", "defineclass("),
        r"(?:getruntime\W{1,6}exec|getruntime\s?\(|processbuilder\s?\(|"
        r"processbuilder[a-z.]{0,40}\.|"
        r"getmethod\(['\"](?:getruntime|exec|invoke)|getengineby(?:name|extension|mimetype)\s?\(|"
        r"forname\(\s?['\"]java|defineclass\()",
        ANYWHERE,
        WEAK,
    ),
    Sign(
        LIKELY,
        "a class loader asked for",
        ("getclassloader", "getclass()", ".getclass(", "urlclassloader(", "class.forname"),
        (
            r"(?:(?:\.|^)get(?:class|classloader)\s?\(\s?\)\s?(?:\.|\}|\)|"
            r"$)|urlclassloader\(|class\.forname\s?\()"
        ),
        ANYWHERE,
        WEAK,
    ),
    Sign(
        LIKELY,
        "a gadget of a Java library",
        _GADGETS,
        "(?:" + "|".join(_GADGETS) + ")",
        r"(?:runtime|processbuilder|java|functors|collections|comparators)[a-z0-9_.]{0,40}\.",
    ),
    Sign(
        POSSIBLE,
        "a gadget of a Java library",
        _GADGETS,
        "(?:" + "|".join(_GADGETS) + ")",
        r"^[a-z0-9_.]{0,60}",
    ),
    Sign(
        LIKELY,
        "a class that runs code, as the whole value",
        _RISKY,
        rf"{_RISKY_NAME}[a-z0-9_.$]{{0,80}}(?:$|[^a-z0-9_.$ ])",
        _ALONE,
        WEAK,
    ),
    Sign(
        POSSIBLE,
        "a class of Java, as the whole value",
        _PACKAGES,
        rf"{_PACKAGE}[a-z0-9_.$]{{0,80}}['\"\])}};]{{0,3}}$",
        _ALONE,
        WEAK,
    ),
    Sign(
        LIKELY,
        "a runtime or a process of Java",
        ("runtime", "processbuilder"),
        r"(?:runtime|processbuilder)[a-z0-9_.]{0,12}$",
        r"^java\.(?:[a-z0-9_.]{0,40}\.)?",
    ),
    Sign(
        LIKELY,
        "a type that JSON libraries make objects of",
        ("@type", "@class", "javaclass"),
        rf"(?:@type|@class|javaclass)['\"]?\s{{0,4}}[:,]\s{{0,4}}\[?\s{{0,4}}['\"]{_PACKAGE}",
    ),
    Sign(
        CERTAIN,
        "a call of Java in Nashorn or in a template",
        ("java.type(", "new java.", "new javax.", "packages.java."),
        (
            rf"(?:java\.type\({GAP}['\"]|new\s{{1,4}}javax?\.[a-z]{{2,8}}\.[a-z0-9_.]{{2,40}}\(|"
            r"packages\.java\.)"
        ),
        WORD,
    ),
    Sign(
        LIKELY,
        "classes in the XML of XStream or XMLDecoder",
        ("<java", "<void", "<object", "<sorted-set", "<dynamic-proxy", "<map>", "<entry>"),
        r"(?:<java\s[^>]{0,80}xmldecoder|<(?:void|object)\s{1,4}(?:class|"
        r"method)\s?=\s?['\"][a-z.]{0,40}(?:exec|runtime|processbuilder|"
        r"start|java\.)|"
        r"<sorted-set>.{0,80}<dynamic-proxy|<dynamic-proxy>\s{0,8}<interface>)",
    ),
)

JAVA = SignDetector("java", _SIGNS)
"""Finds what makes Java run a stranger's code."""
