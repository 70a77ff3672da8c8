"""What Graph offers, one module per family of resources; each lists its OPERATIONS."""
