"""Text, noise and rooms in; labelled clips out."""
