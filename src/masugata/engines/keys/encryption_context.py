"""The encryption context as additional authenticated data.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
"""

from collections.abc import Mapping


def canonical_context(context: Mapping[str, str]) -> bytes:
    """One text for each context, whatever its order; no context is the same as an empty one.

    Every part goes behind its length, so that `{"a": "bc"}` and `{"ab": "c"}` differ.
    """
    parts = bytearray()
    for key in sorted(context):
        for text in (key, context[key]):
            data = text.encode()
            parts += len(data).to_bytes(4, "big") + data
    return bytes(parts)
