"""The demonstration model: a small shape detector, drawn, trained, exported and measured by this folder alone."""
