"""The layers of backgrounds; `layer.LayerSpec` says how to add one."""
