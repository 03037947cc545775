"""What gateways ask: add, delete, list and report sub-devices."""
