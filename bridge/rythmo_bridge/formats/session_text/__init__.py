"""Read Pro Tools session texts (File > Export > Session Info as Text). Pro Tools reads none back."""
