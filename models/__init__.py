"""Front end, network definitions, streaming conversion, runtime and model bundles."""
