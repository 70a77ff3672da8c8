"""The things Gatehouse speaks of, and what each of them may do."""
