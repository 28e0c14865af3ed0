"""What counts as a space."""

SPACES = b" \t\n\v\f\r"
