"""Files on their way: blocks that devices send over MQTT, one after the other."""
