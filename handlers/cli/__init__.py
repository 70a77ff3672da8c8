"""What the words of the command line print: data to stdout, progress to stderr."""
