"""A whole MSP on one machine: stand-ins for Slack, Entra and RMM vendors, spoken to over real HTTPS and WebSockets."""
