"""OpenAPI 3.0, 3.1 and Swagger 2.0, read in a child process: :mod:`.importing` is the door.

Nothing is imported here, as the child (:mod:`.worker`) begins without Django.
"""
