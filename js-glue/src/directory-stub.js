/**
 * @import { UnifiedStoreDirectory } from './index.js'
 * @typedef {DurableObjectNamespace<UnifiedStoreDirectory>} Directory
 */

/**
 * The one object that lists all stores.
 *
 * @param {Directory} binding
 */
export function directoryOf(binding) {
  return binding.getByName('stores');
}
