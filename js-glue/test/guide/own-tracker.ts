// snippet: tracker
import { type DirtyTracker, LazyCheckpointer } from '@unified-storage/worker/components';

const dirty = new Map<string, object>();
const tracker: DirtyTracker = {
  getDirtyEntries: () => dirty,
  markClean: (ids) => {
    for (const id of ids) dirty.delete(id);
  },
};
const checkpointer = new LazyCheckpointer({ sql: state.storage.sql, dirtyTracker: tracker });

dirty.set('alice', { $id: 'alice', $type: 'Customer', $version: 1, name: 'Alice' });
await checkpointer.checkpoint();
// end

export { dirty };
