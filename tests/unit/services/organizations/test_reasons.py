"""The page of reasons that are never given: all others that AWS's model has are in some test."""

import re
from pathlib import Path

import botocore.session

HERE = Path(__file__).parent
PAGE = HERE.parents[3] / "docs/reference/organization-reasons.md"
ROW = re.compile(r"^\| (\w+) \| `(\w+)` \| \S", re.MULTILINE)
FAILURES = "CreateAccountStatus"


def reasons():
    """Each reason of the model, with what has it."""
    model = botocore.session.get_session().get_service_model("organizations")
    having = [shape for shape in model.error_shapes if "Reason" in shape.members]
    found = [(shape.name, reason) for shape in having for reason in shape.members["Reason"].enum]
    failures = model.shape_for(FAILURES).members["FailureReason"].enum
    return found + [(FAILURES, reason) for reason in failures]


def test_every_reason_is_tested_or_never_given():
    """A reason that no test names is on the page with why, and no other one is."""
    tests = "".join(path.read_text() for path in HERE.glob("test_*.py"))
    untested = {(of, reason) for of, reason in reasons() if f'"{reason}"' not in tests}
    rows = ROW.findall(PAGE.read_text())
    assert len(rows) == len(set(rows))
    assert set(rows) == untested
