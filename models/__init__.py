"""Front end, network definitions, streaming conversion, runtime and model bundles."""

import os

# Before TensorFlow is imported anywhere, so that it greets less; what goes wrong, it raises.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
