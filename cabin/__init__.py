"""The composition root: command line, settings, demo district, doctor. Wires the other packages and contains no rules."""
