"""The layers that a background is made of; `layer.LayerSpec` says how to add one."""
