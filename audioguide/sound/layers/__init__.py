"""The kinds of layers that a background is made of; `sound.LayerSpec` says how to add one."""
