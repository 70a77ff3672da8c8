"""One verb per file; ports come in as keyword arguments, domain objects go out."""
