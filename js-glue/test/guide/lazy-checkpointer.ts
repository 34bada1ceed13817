// snippet: checkpointer
import { InMemoryStateManager, LazyCheckpointer } from '@unified-storage/worker/components';

const manager = new InMemoryStateManager();
const checkpointer = new LazyCheckpointer({
  sql: state.storage.sql,
  dirtyTracker: manager,
  onCheckpoint: (stats) => console.log(`Checkpointed ${stats.entityCount} entities`),
  onError: (error) => console.error('Checkpoint failed:', error),
});
checkpointer.start();

manager.create({ $type: 'Customer', $id: 'alice', name: 'Alice' });
checkpointer.notifyDirty();
const { entityCount, rowsWritten } = await checkpointer.checkpoint('manual');
await checkpointer.destroy();
// end

export { checkpointer, entityCount, rowsWritten };
