"""YAML with line and column, held against its form."""
