"""Facts in, findings and verdicts out: pure functions."""
