"""What a build holds, on one screen (`make build`) or in full (`make summary`)."""
