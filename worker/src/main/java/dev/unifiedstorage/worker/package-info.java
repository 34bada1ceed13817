/**
 * The Worker target: the core compiled by TeaVM, and its ports over what a Durable Object offers.
 *
 * <p>{@link dev.unifiedstorage.worker.WorkerCore} is what JavaScript imports. The two compiled
 * forms, JavaScript and WebAssembly, come from these same sources; what only one of them could do
 * is not used.
 */
package dev.unifiedstorage.worker;
