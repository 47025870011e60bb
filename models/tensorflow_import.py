"""TensorFlow, imported without the lines with which it greets on standard error."""

from .quiet import quiet_stderr

with quiet_stderr():
    import tensorflow

__all__ = ["tensorflow"]
