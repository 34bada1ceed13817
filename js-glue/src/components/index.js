export { ColdStartRecovery } from './cold-start-recovery.js';
export { InMemoryStateManager } from './in-memory-state-manager.js';
export { LazyCheckpointer } from './lazy-checkpointer.js';
export { PipelineEmitter } from './pipeline-emitter.js';
export { UnifiedStoreDO } from './unified-store-do.js';
