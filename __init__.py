"""wakeful: a wake-word daemon. This file only marks the root for the tools; it is not shipped."""
