"""The detectors that SqliMatch and XssMatch statements ask."""

from collections.abc import Mapping
from types import MappingProxyType

from masugata.engines.waf.detectors import Detector, html, sql

SQL_INJECTION = "SQL_INJECTION"
XSS = "XSS"
CONDITIONS = {"sqli": SQL_INJECTION, "xss": XSS}
"""What the log calls the families of detectors."""
BUILT_IN: Mapping[str, Detector] = MappingProxyType({SQL_INJECTION: sql.SQL, XSS: html.XSS})
"""By the condition that the log names."""
