"""A simulated storefront, good and broken in each way we look for, and our stand-in of Kleep's script."""
