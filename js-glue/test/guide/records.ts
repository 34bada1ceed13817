// snippet: records
import { ColdStartRecovery } from '@unified-storage/worker/components';

const recovery = new ColdStartRecovery({
  namespace: 'tenant-123',
  sql: state.storage.sql,
  iceberg: {
    getRecords: async ({ namespace }) => [
      {
        verb: 'thing.created',
        store: 'things',
        payload: { $id: 'alice', $type: 'Customer', name: 'Alice' },
        timestamp: '2026-01-31T11:00:00.000Z',
        idempotencyKey: 'alice:created:1769857200000',
        _meta: { namespace },
      },
    ],
  },
});
await recovery.recover();
const alice = recovery.getState().get('alice');
// end

export { alice };
