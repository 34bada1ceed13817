import { InMemoryStateManager } from '@unified-storage/worker/components'

const manager = new InMemoryStateManager({
  maxEntries: 10000,        // LRU eviction threshold
  maxBytes: 50 * 1024 * 1024, // 50MB memory limit
  onEvict: (entries) => console.log(`Evicted ${entries.length} entries`)
})

// Create
const customer = manager.create({ $type: 'Customer', name: 'Alice' })
// => { $id: 'customer_abc123', $type: 'Customer', $version: 1, name: 'Alice' }

// Read (O(1))
const retrieved = manager.get(customer.$id)

// Update (increments $version)
const updated = manager.update(customer.$id, { name: 'Alice Smith' })
// => { ..., $version: 2, name: 'Alice Smith' }

// Delete
manager.delete(customer.$id)

// Dirty tracking for checkpointing
const dirtyIds = manager.getDirtyEntries() // Set<string>
manager.markClean(Array.from(dirtyIds))

export { customer, dirtyIds, manager, retrieved, updated }
