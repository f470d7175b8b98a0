"""Final Cut Pro X XML (`.fcpxml`): reads and writes it."""
