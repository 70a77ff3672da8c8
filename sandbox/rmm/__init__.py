"""The RMM stand-ins, one folder per vendor, and what they share: a fleet that lives on while time passes."""
