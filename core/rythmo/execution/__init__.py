"""Carry out requests to engines elsewhere: in other processes of this machine, or on a cluster."""
