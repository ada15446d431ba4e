"""What others read of an audit: one module per format, pure functions of its results."""
