// snippet: state
import { InMemoryStateManager } from '@unified-storage/worker/components';

const manager = new InMemoryStateManager({
  maxEntries: 10_000,
  maxBytes: 50 * 1024 * 1024,
  onEvict: (entries) => console.log(`Evicted ${entries.length} entries`),
});

const customer = manager.create({ $type: 'Customer', name: 'Alice' });
const retrieved = manager.get(customer.$id);
const updated = manager.update(customer.$id, { name: 'Alice Smith' });
manager.delete(customer.$id);

const dirtyIds = manager.getDirtyEntries();
manager.markClean(dirtyIds);
// end

export { customer, dirtyIds, manager, retrieved, updated };
