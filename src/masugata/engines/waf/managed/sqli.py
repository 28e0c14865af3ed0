"""AWSManagedRulesSQLiRuleSet: SQL injection, and injection into other query languages.

AWS says only that its extended patterns are not those of its statement; here they are the statement at
sensitivity HIGH, and query languages other than SQL.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-use-case.html (names,
labels and actions)
"""

from masugata.engines.waf.detectors.queries import LDAP, NOSQL, XPATH
from masugata.engines.waf.detectors.sql import SQL
from masugata.engines.waf.managed._group import ManagedGroup
from masugata.engines.waf.managed._writing import NAMESPACE, VENDOR, detected

_LOW = 75

GROUP = ManagedGroup(
    vendor=VENDOR,
    name="AWSManagedRulesSQLiRuleSet",
    version="Version_2.3",
    static_versions=("Version_1.0", "Version_1.1", "Version_2.0", "Version_2.3"),
    capacity=200,
    label_namespace=NAMESPACE + "sql-database:",
    description="SQL injection, and injection into other query languages.",
    rules=(
        detected("SQLi_QUERYARGUMENTS", SQL, minimum=_LOW),
        detected("SQLiExtendedPatterns_QUERYARGUMENTS", SQL, NOSQL, LDAP, XPATH),
        detected("SQLi_BODY", SQL, minimum=_LOW),
        detected("SQLiExtendedPatterns_BODY", SQL, NOSQL, LDAP, XPATH),
        detected("SQLiExtendedPatterns_HEADER", SQL, NOSQL, LDAP, XPATH),
        detected(
            "SQLiExtendedPatterns_URIPATH", SQL, NOSQL, LDAP, XPATH, label="SQLiExtendedPatterns_UriPath"
        ),
        detected("SQLi_COOKIE", SQL, minimum=_LOW),
        detected("SQLi_URIPATH", SQL, minimum=_LOW),
    ),
)
