"""Resemble AI's watermark Perth, without PyTorch."""
