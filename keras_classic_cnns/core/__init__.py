"""Floor 0: validation, errors, files and options; imports neither keras nor tensorflow."""
