"""What is measured: `make bench`, or `python -m benchmarks` with the parts wanted. Needs the development set-up."""
