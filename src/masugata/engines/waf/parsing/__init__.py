"""Reads the parts of a request as applications do, within bounds, and gives up on none of its bytes."""
