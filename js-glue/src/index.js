export { UnifiedStoreDO } from './store.js';
export { UnifiedStoreObject } from './object.js';
export { UnifiedStoreDirectory } from './directory.js';
export { default } from './worker.js';
export { StoreError } from './verbs.js';
