"""Pure: domain objects in, Slack messages and views out; every foreign string escaped, every limit kept."""
