"""Who may use the processor, when, and beside whom."""
