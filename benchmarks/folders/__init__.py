"""Model folders and runs' folders damaged at random, and opened as the program opens them."""
