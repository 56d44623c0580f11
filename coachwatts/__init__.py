"""Coach Watts: one honest picture of training, recovery and load."""

__version__ = "0.1.0"
