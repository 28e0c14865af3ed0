"""What can be wrong with what a key is given; no text holds a secret.

`InvalidCiphertextError` is where ciphertexts are made.
"""


class InvalidInputError(ValueError):
    """A key cannot do this with what it was given; the text says why, in AWS's words where they are known."""


class InvalidMessageError(InvalidInputError):
    """A message is too long, or not of a form or length that the algorithm signs."""


class InvalidKeyError(InvalidInputError):
    """Bytes are no key of the spec that they should be of."""


class UnsupportedError(InvalidInputError):
    """A key spec or an algorithm that is not built; see `UNSUPPORTED`."""


class InvalidSignatureError(ValueError):
    """A signature or a MAC is not that of the message; why is not said."""
