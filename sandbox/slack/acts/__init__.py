"""What a person does in Slack and what the app is sent for it."""
