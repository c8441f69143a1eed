"""Functions from tensor to tensor that several architectures share."""
