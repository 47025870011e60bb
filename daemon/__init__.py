"""What runs all day: sound in, events out, and the command line."""
