"""The bi-encoder of the dense leg: tuned so that queries lie near the products that answer them."""
