"""The script: model, store, fit and differences. No engines, no media, and I/O in `store` only."""
