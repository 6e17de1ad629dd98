"""`/api/v1/jobs`: how long work is getting on."""
