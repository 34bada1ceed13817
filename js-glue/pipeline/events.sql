-- What the sink stores of a record: the columns the recovery reads, and the payload as it came.
INSERT INTO unified_storage_sink
SELECT ns, epoch, life, seq, verb, store, "entityId", "entityType", version, ts, "idempotencyKey", payload,
  session, n, "batchIndex", sub, events
FROM unified_storage_events;
