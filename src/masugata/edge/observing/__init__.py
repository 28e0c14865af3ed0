"""What an edge tells of the requests that it decided about: samples, limited addresses, and logs."""
