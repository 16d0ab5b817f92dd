"""The same without a screen: for screen readers, pipes and terminals that cannot draw."""
