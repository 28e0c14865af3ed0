"""AWSManagedRulesKnownBadInputsRuleSet: requests that only exploits make.

Under the names of AWS's rules stand also the families that AWS has no rule for: expressions of templates and
code of other languages with those of Java, and requests within requests with paths that are exploited.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html (names,
labels and actions)
"""

from masugata.engines.waf.definitions import FieldToMatch
from masugata.engines.waf.definitions.fields import Named
from masugata.engines.waf.detectors.code import CODE
from masugata.engines.waf.detectors.java import JAVA
from masugata.engines.waf.detectors.lookups import LOOKUPS
from masugata.engines.waf.detectors.node import NODE, REACT
from masugata.engines.waf.detectors.paths import EXPLOITABLE_PATHS
from masugata.engines.waf.detectors.templates import TEMPLATES
from masugata.engines.waf.managed._group import ManagedGroup
from masugata.engines.waf.managed._writing import (
    LOWERCASE,
    METHOD,
    NAMESPACE,
    VENDOR,
    blocked,
    detected,
    equals,
    matches_set,
)

_HOST = FieldToMatch(single_header=Named(name="host"))
_LOCALHOST = (r"^(?:localhost|127\.[0-9.]{1,12}|\[::1\]|0\.0\.0\.0)\.?(?::[0-9]{1,5})?$",)
_EXECUTED = (JAVA, TEMPLATES, CODE, NODE)

GROUP = ManagedGroup(
    vendor=VENDOR,
    name="AWSManagedRulesKnownBadInputsRuleSet",
    version="Version_1.25",
    static_versions=tuple(f"Version_1.{number}" for number in range(26)),
    capacity=200,
    label_namespace=NAMESPACE + "known-bad-inputs:",
    description="Requests that exploit known weaknesses, or look for them.",
    rules=(
        detected("JavaDeserializationRCE_HEADER", *_EXECUTED),
        detected("JavaDeserializationRCE_BODY", *_EXECUTED),
        detected("JavaDeserializationRCE_URIPATH", *_EXECUTED),
        detected("JavaDeserializationRCE_QUERYSTRING", *_EXECUTED),
        blocked("Host_localhost_HEADER", matches_set("localhost", _HOST, LOWERCASE), "Host_Localhost_Header"),
        blocked("PROPFIND_METHOD", equals("PROPFIND", METHOD), "Propfind_Method"),
        detected("ExploitablePaths_URIPATH", EXPLOITABLE_PATHS),
        detected("Log4JRCE_HEADER", LOOKUPS),
        detected("Log4JRCE_QUERYSTRING", LOOKUPS),
        detected("Log4JRCE_BODY", LOOKUPS),
        detected("Log4JRCE_URIPATH", LOOKUPS),
        detected("ReactJSRCE_BODY", REACT, NODE),
    ),
    regex_pattern_sets={"localhost": _LOCALHOST},
)
