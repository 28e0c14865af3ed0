"""AWS WAF's rule language, compiled: what a web ACL does with a request, and why."""
