"""The edge: a reverse proxy that has every request inspected before an application sees it."""
