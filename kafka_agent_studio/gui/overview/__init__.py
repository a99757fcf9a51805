"""What the overview page is made of."""
