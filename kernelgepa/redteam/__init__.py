"""The red team: candidates that cheat, their honest twins, and whether the judge tells them apart.

Candidates are text in sandbox/redteam; nothing here executes them.
"""
