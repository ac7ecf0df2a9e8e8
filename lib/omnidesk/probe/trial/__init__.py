"""``probe --trial``: what is assumed of both products, performed with a test client and cleaned up again."""
