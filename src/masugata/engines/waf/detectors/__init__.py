"""What tells attacks from harmless text, one family a file or folder."""

from masugata.engines.waf.detectors._detector import (
    Account,
    Detector,
    Evidence,
    HintedDetector,
    Place,
)
from masugata.engines.waf.detectors.code import CODE
from masugata.engines.waf.detectors.commands import POWERSHELL, UNIX_COMMANDS, WINDOWS_COMMANDS
from masugata.engines.waf.detectors.documents import SERVER_SIDE_INCLUDES, XML_ENTITIES
from masugata.engines.waf.detectors.files import APPLICATION_FILES, UNIX_FILES, WINDOWS_FILES
from masugata.engines.waf.detectors.inclusion import REMOTE_FILES
from masugata.engines.waf.detectors.java import JAVA
from masugata.engines.waf.detectors.lines import HEADER_INJECTION, MAIL_INJECTION, PROTOCOL
from masugata.engines.waf.detectors.lookups import LOOKUPS
from masugata.engines.waf.detectors.node import NODE, REACT
from masugata.engines.waf.detectors.paths import (
    ADMIN_PATHS,
    EXPLOITABLE_PATHS,
    RESTRICTED_EXTENSIONS,
    WORDPRESS_COMMANDS,
    WORDPRESS_PATHS,
)
from masugata.engines.waf.detectors.php import PHP
from masugata.engines.waf.detectors.queries import LDAP, NOSQL, XPATH
from masugata.engines.waf.detectors.scanners import BAD_BOTS, SCANNERS
from masugata.engines.waf.detectors.sessions import SESSION_ARGUMENTS, SESSIONS
from masugata.engines.waf.detectors.ssrf import INNER_HOSTS, METADATA_HOSTS, METADATA_PATHS, SCHEMES
from masugata.engines.waf.detectors.templates import TEMPLATES
from masugata.engines.waf.detectors.traversal import TRAVERSAL
from masugata.engines.waf.detectors.uploads import UPLOADS

__all__ = [
    "ADMIN_PATHS",
    "APPLICATION_FILES",
    "BAD_BOTS",
    "CODE",
    "EXPLOITABLE_PATHS",
    "HEADER_INJECTION",
    "INNER_HOSTS",
    "JAVA",
    "LDAP",
    "LOOKUPS",
    "MAIL_INJECTION",
    "METADATA_HOSTS",
    "METADATA_PATHS",
    "NODE",
    "NOSQL",
    "PHP",
    "POWERSHELL",
    "PROTOCOL",
    "REACT",
    "REMOTE_FILES",
    "RESTRICTED_EXTENSIONS",
    "SCANNERS",
    "SCHEMES",
    "SERVER_SIDE_INCLUDES",
    "SESSIONS",
    "SESSION_ARGUMENTS",
    "TEMPLATES",
    "TRAVERSAL",
    "UNIX_COMMANDS",
    "UNIX_FILES",
    "UPLOADS",
    "WINDOWS_COMMANDS",
    "WINDOWS_FILES",
    "WORDPRESS_COMMANDS",
    "WORDPRESS_PATHS",
    "XML_ENTITIES",
    "XPATH",
    "Account",
    "Detector",
    "Evidence",
    "HintedDetector",
    "Place",
]
