"""From the network's outputs to boxes and masks on the image."""
