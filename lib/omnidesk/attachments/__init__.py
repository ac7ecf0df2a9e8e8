"""Files of messages in both directions: names, kinds, sizes, pictures within the text."""
