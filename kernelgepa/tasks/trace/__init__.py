"""A numpy function as a graph of operations, and that graph as a plain C++ kernel."""
