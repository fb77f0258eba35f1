"""Accounts, sign-in, roles, clients and their identity."""
