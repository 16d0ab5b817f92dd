"""A text, a model and where one looks: what the screens share of Play."""
