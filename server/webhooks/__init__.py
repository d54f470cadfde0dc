"""The way out to merchants' endpoints: webhooks over HTTP, to where they may go and nowhere else."""
