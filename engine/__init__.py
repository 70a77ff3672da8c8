"""How work waits, runs, survives and drains."""
