"""Prepares a timeline for dubbing: finds its media, assembles its sound, and makes one film of its
picture.
"""
