"""Command injection, by shell."""

from masugata.engines.waf.detectors.commands._detector import Commands
from masugata.engines.waf.detectors.commands._signs_unix import UNIX_SIGNS
from masugata.engines.waf.detectors.commands._signs_windows import POWERSHELL_SIGNS, WINDOWS_SIGNS
from masugata.engines.waf.detectors.commands._words import UNIX, UNIX_WORDY, WINDOWS, WINDOWS_WORDY

__all__ = ["POWERSHELL", "UNIX_COMMANDS", "WINDOWS_COMMANDS"]

UNIX_COMMANDS = Commands(UNIX, UNIX_WORDY, UNIX_SIGNS, windows=False)
"""Finds commands for a shell of Unix."""
WINDOWS_COMMANDS = Commands(WINDOWS, WINDOWS_WORDY, WINDOWS_SIGNS, windows=True)
"""Finds commands for cmd.exe."""
POWERSHELL = POWERSHELL_SIGNS
"""Finds scripts for PowerShell."""
