"""Runs models on this machine: devices, model folders, weights, child processes."""
