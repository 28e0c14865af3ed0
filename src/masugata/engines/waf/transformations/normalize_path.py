"""NORMALIZE_PATH: empty and `.` segments go, and `..` with what it leads back from."""

from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """`..` stays at the beginning of a relative path, and goes at the root."""
    if value.find(b"/.") < 0 and value.find(b"//") < 0 and not value.startswith(b"."):
        return value
    rooted = value.startswith(b"/")
    kept: list[bytes] = []
    segments = value.split(b"/")
    for segment in segments:
        if segment == b"..":
            if kept and kept[-1] != b"..":
                kept.pop()
            elif not rooted:
                kept.append(segment)
        elif segment and segment != b".":
            kept.append(segment)
    if kept and not segments[-1]:
        kept.append(b"")
    return (b"/" if rooted else b"") + b"/".join(kept)


NORMALIZE_PATH = Transformation(transform, (b".", b"//"))
