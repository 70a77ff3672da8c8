"""The Web API: one module per group of methods, each exporting its METHODS."""
