"""What can go wrong with backups."""

from masugata.errors import MasugataError


class BackupError(MasugataError):
    """A backup cannot be made, or is not one that can be restored here."""


class BackupDamagedError(BackupError):
    """A backup that does not hold what was once written into it."""
