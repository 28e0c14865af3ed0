"""Backups: one file that holds everything of an installation but its root key and its credentials."""

from masugata.server.backup.errors import BackupDamagedError, BackupError
from masugata.server.backup.header import Header
from masugata.server.backup.reading import Backup, open_backup
from masugata.server.backup.restoring import Restored, restore_backup
from masugata.server.backup.rows import Progress
from masugata.server.backup.writing import write_backup

__all__ = [
    "Backup",
    "BackupDamagedError",
    "BackupError",
    "Header",
    "Progress",
    "Restored",
    "open_backup",
    "restore_backup",
    "write_backup",
]
