"""The kinds of layers that a background is made of; `kind.LayerSpec` says how to add one."""
