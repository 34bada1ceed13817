/**
 * Traces of operations that run on every form of the core there is, and must do the same on all.
 *
 * <p>It is here because these tests see both of the JVM's JSON adapters and the core's fakes;
 * {@code js-glue/test/differential.test.mjs} replays on the compiled forms what is written here.
 */
package dev.unifiedstorage.jvm.differential;
