"""The sandbox's Slack: Web API, Socket Mode, and the people who use it."""
