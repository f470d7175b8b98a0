"""Putting Rythmo into Resolve and Premiere, and taking it out again.

`machine` says where this system keeps things, `resolve` and `premiere` say which files belong there,
`parcel` writes and removes them and remembers what it wrote.
"""
