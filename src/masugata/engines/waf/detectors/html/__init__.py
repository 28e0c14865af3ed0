"""Cross-site scripting, told from harmless markup by an HTML tokenizer."""

from masugata.engines.waf.detectors.html._xss import XSS

__all__ = ["XSS"]
