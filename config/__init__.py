"""Typed settings from one TOML file and the environment; policy defaults; example files."""
