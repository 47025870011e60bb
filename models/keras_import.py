"""Keras, imported without the lines with which its back end greets on standard error."""

from .quiet import quiet_stderr

with quiet_stderr():
    import keras

__all__ = ["keras"]
