"""X.509 certificates of devices: who may issue them, which there are, and what a login with one is worth."""
