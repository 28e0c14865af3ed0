"""Fuzz target: every text transformation of any bytes stays bounded and sound about what it changes."""

from masugata.engines.waf.transformations import PRE_PARSE_TRANSFORMATIONS, TRANSFORMATIONS
from model.waf_model import normalized_path, url_decode

ALL = {**PRE_PARSE_TRANSFORMATIONS, **TRANSFORMATIONS}
HASHES = 32  # bytes of the longest
SEEDS = (
    b"a%27+%u0041%uff1c%zz&b=c;b=d",
    rb"\u0041\x41\101\n\61 \u{41}ja\vascript",
    b"&lt;&#60;&#x3c&colon;&#99999999;",
    b"/a/./b//../../c\\..\\d\0",
    b"un/**/ion -- # 0x414243 se^l\"e'ct , ;( /",
    "é漢😀".encode() + b"\xc0\xaf\xff\xa0",
    b"PHNjcmlwdD4=",
)
PIECES = (
    b"%", b"%u", b"\\", b"\\u", b"\\u{", b"&#", b"&#x", b";", b"..", b"/", b"/*", b"*/", b"0x", b"0" * 3_000,
    b"&" * 500, b"\xa0", b"\xf0\x9f", b"\xc0\xaf", b" " * 500, b"\0",
)  # fmt: skip


def fuzz_one(data: bytes) -> None:
    """One value through all of them."""
    for name, transformation in ALL.items():
        made = transformation.transform(data)
        if len(made) > max(3 * len(data), HASHES):
            raise AssertionError(f"{name} made {len(made)} bytes")
        triggers = transformation.triggers
        if made != data and triggers is not None and not any(trigger in data for trigger in triggers):
            raise AssertionError(f"{name} changed what holds no trigger")
    if TRANSFORMATIONS["URL_DECODE"].transform(data) != url_decode(data):
        raise AssertionError("URL_DECODE is not as the model has it")
    if TRANSFORMATIONS["NORMALIZE_PATH"].transform(data) != normalized_path(data):
        raise AssertionError("NORMALIZE_PATH is not as the model has it")
