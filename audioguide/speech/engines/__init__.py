"""The engines that speak; `engine.Engine` says how to add one."""
