"""Dub inside an editing program (a host): plan the steps here and let a small script there execute them."""
