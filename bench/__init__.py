"""Benchmarks: every figure is a ratio taken inside one run, contestants interleaved call by call."""
