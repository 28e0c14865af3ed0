"""What is wrong with a message, as data."""

from masugata.errors import MasugataError


class BadMessageError(MasugataError):
    """A message that has more than one reading, or none; `status` is for a client that sent it.

    `defect` is a text of ours that names what is wrong; nothing of the message is in it.
    """

    def __init__(self, defect: str, status: int = 400) -> None:
        super().__init__(defect)
        self.defect = defect
        self.status = status
