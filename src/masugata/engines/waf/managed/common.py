"""AWSManagedRulesCommonRuleSet, the core rule set.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html (names, labels, actions
and sizes; the patterns are not published, and are ours).
"""

from masugata.engines.waf.definitions import Body, FieldToMatch
from masugata.engines.waf.definitions.fields import Empty, Named
from masugata.engines.waf.detectors.documents import SERVER_SIDE_INCLUDES, XML_ENTITIES
from masugata.engines.waf.detectors.html import XSS
from masugata.engines.waf.detectors.lines import HEADER_INJECTION
from masugata.engines.waf.managed._group import ManagedGroup
from masugata.engines.waf.managed._writing import (
    LOWERCASE,
    NAMESPACE,
    PATH,
    QUERY_STRING,
    URI_PATH,
    USER_AGENT,
    VENDOR,
    blocked,
    detected,
    larger,
    matches_set,
    neither,
)

_ARGUMENTS = FieldToMatch(all_query_arguments=Empty())
_COOKIE = FieldToMatch(single_header=Named(name="cookie"))
_BODY = FieldToMatch(body=Body(oversize_handling="MATCH"))

# Scanners and attack tools under the names that they send themselves.
_BAD_BOTS = (
    r"\b(?:nessus|nmap|nikto|sqlmap|acunetix|masscan|zgrab|zmap|openvas|netsparker|invicti|w3af|arachni)\b",
    r"\b(?:wpscan|joomscan|droopescan|cmsmap|nuclei|gobuster|dirbuster|dirb|feroxbuster|ffuf|wfuzz|havij|commix)\b",
    r"\b(?:jaeles|vega|skipfish|whatweb|grabber|xsstrike|dalfox|brutus|hydra|medusa|jorgee|morfeus|zmeu|l9explore)\b",
    r"\b(?:appscan|webinspect|burpcollaborator|qualys|nexpose|paros|webshag|fimap|sqlninja|sqlsus|bsqlbf|absinthe)\b",
    r"muhstik|hello, world|fuck|\(\)\s{0,4}\{",
)
# Files that programs keep for themselves: logs, settings, copies that editors and people leave, databases, keys.
_EXTENSIONS = (
    r"\.(?:log|ini|conf|cnf|bak|backup|swp|swo|old|orig|save|sql|sqlite3?|mdb|accdb|dbf|ldb|dat)$",
    r"\.(?:pem|key|pfx|p12|ppk|jks|keystore|kdbx?|htaccess|htpasswd|htgroup|npmrc|netrc|pgpass|rdp)$",
    r"\.(?:cer|csr|config|resx|cs|csproj|vb|vbproj|asa|asax|axd|inc|sys|dll|cmd|bat|com|lnk|reg|licx|webinfo)$",
    r"\.(?:php|asp|aspx|jsp|cgi|py|rb|pl)(?:~|\.(?:bak|old|orig|save|swp|txt))$",
)

RULES = (
    blocked("NoUserAgent_HEADER", neither(larger(USER_AGENT, 0)), "NoUserAgent_Header"),
    blocked("UserAgent_BadBots_HEADER", matches_set("bad-bots", USER_AGENT, LOWERCASE), "BadBots_Header"),
    blocked("SizeRestrictions_QUERYSTRING", larger(QUERY_STRING, 2_048), "SizeRestrictions_QueryString"),
    blocked("SizeRestrictions_Cookie_HEADER", larger(_COOKIE, 10_240), "SizeRestrictions_Cookie_Header"),
    blocked("SizeRestrictions_BODY", larger(_BODY, 8_192), "SizeRestrictions_Body"),
    blocked("SizeRestrictions_URIPATH", larger(URI_PATH, 1_024), "SizeRestrictions_URIPath"),
    blocked(
        "RestrictedExtensions_URIPATH",
        matches_set("restricted-extensions", URI_PATH, PATH),
        "RestrictedExtensions_URIPath",
    ),
    blocked(
        "RestrictedExtensions_QUERYARGUMENTS",
        matches_set("restricted-extensions", _ARGUMENTS, PATH),
        "RestrictedExtensions_QueryArguments",
    ),
    detected("CrossSiteScripting_COOKIE", XSS, HEADER_INJECTION),
    detected("CrossSiteScripting_QUERYARGUMENTS", XSS, HEADER_INJECTION, SERVER_SIDE_INCLUDES),
    detected("CrossSiteScripting_BODY", XSS, HEADER_INJECTION, SERVER_SIDE_INCLUDES),
    detected("CrossSiteScripting_URIPATH", XSS, HEADER_INJECTION, SERVER_SIDE_INCLUDES),
)

GROUP = ManagedGroup(
    vendor=VENDOR,
    name="AWSManagedRulesCommonRuleSet",
    version="Version_1.19",
    static_versions=tuple(f"Version_1.{number}" for number in range(20)),
    capacity=700,
    label_namespace=NAMESPACE + "core-rule-set:",
    description="Rules for nearly every web application: scripts, files from outside, traversal, tools, sizes.",
    rules=RULES,
    regex_pattern_sets={"bad-bots": _BAD_BOTS, "restricted-extensions": _EXTENSIONS},
)
