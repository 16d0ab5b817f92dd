"""The Compare screen: models side by side on one text, and on held-out texts."""
