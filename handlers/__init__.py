"""Front doors: Slack, one module per feature, and the clock."""
