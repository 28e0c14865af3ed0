"""The detectors that SqliMatch and XssMatch statements ask."""

from collections.abc import Mapping
from types import MappingProxyType

from masugata.engines.waf.detectors import Detector

SQL_INJECTION = "SQL_INJECTION"
XSS = "XSS"
BUILT_IN: Mapping[str, Detector] = MappingProxyType({})
"""By the condition that the log names."""
