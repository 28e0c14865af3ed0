"""A whole organization from one file: read it, check it, compare it with what is there, make the difference.

Everything goes through the same door as everybody's calls: a client's, which are authorized and recorded.
"""

from masugata.apply.applying import plan_of
from masugata.apply.changes import Change, Leftover, Plan
from masugata.apply.checking import load_description, parse_description
from masugata.apply.description import Description
from masugata.apply.executing import KeepKey, StoppedError, execute
from masugata.apply.problems import InvalidFileError, Problem
from masugata.apply.sessions import Sessions
from masugata.apply.state import State, read_state
from masugata.apply.writing import write_description

__all__ = [
    "Change",
    "Description",
    "InvalidFileError",
    "KeepKey",
    "Leftover",
    "Plan",
    "Problem",
    "Sessions",
    "State",
    "StoppedError",
    "execute",
    "load_description",
    "parse_description",
    "plan_of",
    "read_state",
    "write_description",
]
