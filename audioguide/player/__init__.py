"""Playing a session live: the pump renders ahead into a feed, the device drains it, keys steer."""
