"""What tells attacks from harmless text, one family a file or folder."""

from masugata.engines.waf.detectors._detector import Detector, Evidence, Place

__all__ = ["Detector", "Evidence", "Place"]
