"""Files by blocks over MQTT: which device may read which file, and its bytes from memory."""
