"""Quality control: measures on the delivered files, findings, and the report."""
