"""What merchants and customers do to orders and refunds, the same under both of WeChat Pay's APIs."""
