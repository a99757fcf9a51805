"""Views of one thing by its address, shown in the inspector and as pages of their own."""
