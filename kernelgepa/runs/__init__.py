"""A run's directory: how it begins, what stands in it, what is made of it."""
