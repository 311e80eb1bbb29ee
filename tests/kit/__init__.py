"""What all tests, the proof and the benchmarks stand on: processes, databases, servers, HTTP, sockets."""
