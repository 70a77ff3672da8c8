"""What Slack accepts as Block Kit: every limit, required key, unknown key and surface rule, and nothing else."""
