"""How models lie on disk: one file a format, read strictly and never trusted."""
