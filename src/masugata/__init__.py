"""The security system that AWS describes, running for real behind AWS's own APIs."""

__version__ = "0.1.0"
