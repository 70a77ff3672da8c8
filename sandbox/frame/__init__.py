"""What every stand-in shares: a clock, a record of calls and effects, faults on demand, and certificates."""
