"""The two labels that are no word of anybody's: as the folders of Speech Commands have them."""

UNKNOWN = "_unknown_"
"""Another word than those that are known."""

SILENCE = "_silence_"
"""Nothing was said."""
