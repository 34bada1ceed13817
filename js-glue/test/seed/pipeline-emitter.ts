import { PipelineEmitter } from '@unified-storage/worker/components'

const emitter = new PipelineEmitter(env.EVENTS, {
  namespace: 'tenant-123',
  batchSize: 1000,            // Flush at 1000 events
  batchBytes: 1024 * 1024,    // Or at 1MB
  flushInterval: 60000,       // Or every 60s
  maxRetries: 3,              // Retry failed sends
  exponentialBackoff: true,   // 1s, 2s, 4s delays
  deadLetterQueue: env.DLQ,   // Failed events go here
})

// Fire-and-forget emit
emitter.emit('thing.created', 'things', { $id: 'customer_123', name: 'Alice' })

// Each event includes:
// - verb: 'thing.created'
// - store: 'things'
// - payload: { ... }
// - timestamp: ISO 8601
// - idempotencyKey: 'customer_123:created:1699123456789'
// - _meta: { namespace: 'tenant-123' }

// Explicit flush when needed
await emitter.flush()

// Cleanup
await emitter.close()

export { emitter }
