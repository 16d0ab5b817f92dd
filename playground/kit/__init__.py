"""What every screen is made of: it knows no screen and no model."""
