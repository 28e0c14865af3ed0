"""NORMALIZE_PATH_WIN: as NORMALIZE_PATH, with backslashes as slashes."""

from masugata.engines.waf.transformations import normalize_path
from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """Backslashes become slashes first."""
    return normalize_path.transform(value.replace(b"\\", b"/"))


NORMALIZE_PATH_WIN = Transformation(transform, (b"\\", b".", b"//"))
