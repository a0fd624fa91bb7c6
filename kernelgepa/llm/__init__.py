"""A language model as the proposer: prompts, calls, dollars, and reading what it answers."""
