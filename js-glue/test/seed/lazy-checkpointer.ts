import { LazyCheckpointer } from '@unified-storage/worker/components'

const checkpointer = new LazyCheckpointer({
  sql: state.storage.sql,
  dirtyTracker: stateManagerAdapter,
  intervalMs: 10000,           // Timer checkpoint every 10s
  dirtyCountThreshold: 100,    // Or at 100 dirty entries
  memoryThresholdBytes: 10 * 1024 * 1024, // Or at 10MB dirty
  columnarThreshold: 50,       // Collections < 50 items → columnar
  onCheckpoint: (stats) => console.log(`Checkpointed ${stats.entityCount} entities`),
  onError: (err) => console.error('Checkpoint failed:', err)
})

// Start timer-based checkpoints
checkpointer.start()

// Notify when data becomes dirty (may trigger immediate checkpoint)
checkpointer.notifyDirty()

// Manual checkpoint
await checkpointer.checkpoint('manual')

// Before DO hibernation
await checkpointer.beforeHibernation()

// Get statistics
const stats = checkpointer.getStats()
// => { totalRowWrites: 42, columnarWrites: 5, normalizedWrites: 37 }

// Cleanup
await checkpointer.destroy()

export { checkpointer, stats }
