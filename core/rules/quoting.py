"""What somebody typed, said back to them."""

LONGEST = 60


def quoted(text: str) -> str:
    """In quotation marks, and never so long that it hides the sentence around it."""
    return f"“{text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}”"
