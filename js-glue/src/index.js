export { UnifiedStoreDO } from './store.js';
export { UnifiedStoreObject } from './object.js';
export { default } from './worker.js';
export { StoreError } from './verbs.js';
