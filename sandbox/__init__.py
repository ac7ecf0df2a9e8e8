"""Both products, simulated: what the demo and the tests run against instead of a live panel and a live Omnidesk."""
