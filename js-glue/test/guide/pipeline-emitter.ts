// snippet: emitter
import { PipelineEmitter } from '@unified-storage/worker/components';

const emitter = new PipelineEmitter(env.EVENTS, {
  namespace: 'tenant-123',
  exponentialBackoff: true,
  deadLetterQueue: env.DLQ,
});

emitter.emit('thing.created', 'things', { $id: 'customer_123', name: 'Alice' });
await emitter.flush();

const { sent, dropped } = emitter.getStats();
await emitter.close();
// end

export { dropped, sent };
