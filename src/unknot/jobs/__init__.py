"""Background work: enqueued inside the writer's transaction, run by `unknot worker`."""
