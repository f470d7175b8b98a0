"""AAF (`.aaf`): reads the files of Avid, Pro Tools, Premiere and Resolve, and writes files for all of
them.
"""
