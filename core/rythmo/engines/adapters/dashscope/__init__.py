"""Adapts Alibaba Cloud's DashScope."""
