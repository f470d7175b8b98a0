"""Final Cut Pro 7 XML (`.xml`): reads and writes xmeml."""
