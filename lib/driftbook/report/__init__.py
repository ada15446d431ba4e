"""Reports: notebooks are run, drawn as pages, gated and published."""
