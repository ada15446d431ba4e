"""The self-test: changes that are made on purpose, to see whether an audit would report them."""
