"""Generated digits and marks, from pen strokes of the project's own."""
