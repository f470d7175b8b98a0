"""Tables that people open in a spreadsheet: written and read as CSV and as XLSX, whatever they hold."""
