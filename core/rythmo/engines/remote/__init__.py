"""Talks to services over the network: calls and their errors, keys, references, clones and stock voices."""
