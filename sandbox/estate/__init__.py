"""The fictional MSP and its clients: the same for the same seed."""
