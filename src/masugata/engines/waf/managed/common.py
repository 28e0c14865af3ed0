"""AWSManagedRulesCommonRuleSet, the core rule set.

Under the names of AWS's rules stand also families that AWS has no rule for: entities of XML and directives of
pages, which read files, with the inclusion of local files; ends of lines and fixed sessions, which write into
pages, with scripts; all URLs that only a server can reach with those of metadata, where they stand alone.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html (names,
labels, actions and sizes; the patterns are not published, and are ours).
"""

from masugata.engines.waf.definitions import Body, FieldToMatch
from masugata.engines.waf.definitions.fields import Named
from masugata.engines.waf.detectors.documents import SERVER_SIDE_INCLUDES, XML_ENTITIES
from masugata.engines.waf.detectors.files import APPLICATION_FILES, WINDOWS_FILES
from masugata.engines.waf.detectors.html import XSS
from masugata.engines.waf.detectors.inclusion import REMOTE_FILES
from masugata.engines.waf.detectors.lines import HEADER_INJECTION, MAIL_INJECTION, PROTOCOL
from masugata.engines.waf.detectors.paths import RESTRICTED_EXTENSIONS
from masugata.engines.waf.detectors.scanners import BAD_BOTS, SCANNERS
from masugata.engines.waf.detectors.sessions import SESSION_ARGUMENTS, SESSIONS
from masugata.engines.waf.detectors.ssrf import INNER_HOSTS, METADATA_HOSTS, METADATA_PATHS, SCHEMES
from masugata.engines.waf.detectors.traversal import TRAVERSAL
from masugata.engines.waf.managed._group import ManagedGroup, Source
from masugata.engines.waf.managed._writing import (
    NAMESPACE,
    QUERY_STRING,
    URI_PATH,
    USER_AGENT,
    VENDOR,
    blocked,
    detected,
    larger,
    neither,
)

_COOKIE = FieldToMatch(single_header=Named(name="cookie"))
_BODY = FieldToMatch(body=Body(oversize_handling="MATCH"))

_METADATA = (METADATA_HOSTS, METADATA_PATHS)
_LOCAL_FILES = (TRAVERSAL, APPLICATION_FILES, WINDOWS_FILES, XML_ENTITIES, SERVER_SIDE_INCLUDES)
_REMOTE_FILES = (REMOTE_FILES, SCHEMES, INNER_HOSTS)
_PAGES = (XSS, HEADER_INJECTION, MAIL_INJECTION, PROTOCOL, SESSIONS)

SIZE_RULES = (
    blocked("SizeRestrictions_QUERYSTRING", larger(QUERY_STRING, 2_048), "SizeRestrictions_QueryString"),
    blocked("SizeRestrictions_Cookie_HEADER", larger(_COOKIE, 10_240), "SizeRestrictions_Cookie_Header"),
    blocked("SizeRestrictions_BODY", larger(_BODY, 8_192), "SizeRestrictions_Body"),
    blocked("SizeRestrictions_URIPATH", larger(URI_PATH, 1_024), "SizeRestrictions_URIPath"),
)

GROUP = ManagedGroup(
    vendor=VENDOR,
    name="AWSManagedRulesCommonRuleSet",
    version="Version_1.19",
    static_versions=tuple(f"Version_1.{number}" for number in range(20)),
    capacity=700,
    label_namespace=NAMESPACE + "core-rule-set:",
    description="Rules for nearly every web application: scripts, files, traversal, scanners, sizes.",
    rules=(
        blocked("NoUserAgent_HEADER", neither(larger(USER_AGENT, 0)), "NoUserAgent_Header"),
        detected("UserAgent_BadBots_HEADER", SCANNERS, BAD_BOTS, label="BadBots_Header"),
        *SIZE_RULES,
        detected("EC2MetaDataSSRF_BODY", *_METADATA),
        detected("EC2MetaDataSSRF_COOKIE", *_METADATA, *_REMOTE_FILES, also=(Source.HEADERS,)),
        detected("EC2MetaDataSSRF_URIPATH", *_METADATA),
        detected("EC2MetaDataSSRF_QUERYARGUMENTS", *_METADATA),
        detected("GenericLFI_QUERYARGUMENTS", *_LOCAL_FILES),
        detected("GenericLFI_URIPATH", *_LOCAL_FILES),
        detected("GenericLFI_BODY", *_LOCAL_FILES),
        detected("RestrictedExtensions_URIPATH", RESTRICTED_EXTENSIONS),
        detected("RestrictedExtensions_QUERYARGUMENTS", RESTRICTED_EXTENSIONS),
        detected("GenericRFI_QUERYARGUMENTS", *_REMOTE_FILES),
        detected("GenericRFI_BODY", *_REMOTE_FILES),
        detected("GenericRFI_URIPATH", *_REMOTE_FILES),
        detected("CrossSiteScripting_COOKIE", *_PAGES, SERVER_SIDE_INCLUDES, also=(Source.HEADERS,)),
        detected("CrossSiteScripting_QUERYARGUMENTS", *_PAGES, SESSION_ARGUMENTS),
        detected("CrossSiteScripting_BODY", *_PAGES, SESSION_ARGUMENTS),
        detected("CrossSiteScripting_URIPATH", *_PAGES),
    ),
)
