"""Slack: the Web API and Socket Mode, and pure rendering of domain objects into blocks."""
