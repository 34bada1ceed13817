import { ColdStartRecovery } from '@unified-storage/worker/components'

const recovery = new ColdStartRecovery({
  namespace: 'tenant-123',
  sql: state.storage.sql,
  iceberg: env.ICEBERG,        // Optional fallback
  timeout: 30000,              // 30s timeout
  onProgress: (progress) => {
    console.log(`${progress.phase}: ${progress.loaded}/${progress.total} (${progress.elapsedMs}ms)`)
  }
})

// Normal recovery (SQLite first, Iceberg fallback)
const result = await recovery.recover()
// => { source: 'sqlite', thingsLoaded: 1234, eventsReplayed: 0, durationMs: 87 }

// Force Iceberg rebuild (for corruption recovery)
const rebuilt = await recovery.forceRebuildFromIceberg()

// The text has two variables called state: the recovered one needs a scope of its own.
export function recoveredState() {
  // Access recovered state
  const state = recovery.getState() // Map<string, Thing>

  // Validate consistency
  const validation = recovery.validateState()
  if (!validation.valid) {
    console.error('State validation errors:', validation.errors)
  }
  return { state, validation }
}

export { rebuilt, result }
