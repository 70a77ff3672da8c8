"""The JSON API over plain HTTP through which people (the page) and scripts use the sandbox's Slack."""
