"""The mind of Gatehouse: facts, rules and verbs. Standard library only; no I/O, no clock reads."""
