"""Charts as shapes: pure geometry, no text of its own; a template writes them as SVG."""
