/**
 * What every adapter of a port must keep, one class a port, run on the fakes here and on the JVM's
 * adapters in {@code jvm-ports} and {@code emulator}.
 *
 * <p>The cases that can be written down as data are in {@code src/test/resources/contract}, where
 * {@code contract.test.mjs} of {@code js-glue} and of {@code iceberg-reader-js} take them too: the
 * Worker's adapters are Java and JavaScript in one, and are checked as a whole, in Node and in
 * workerd.
 */
package dev.unifiedstorage.contract;
