/** The core's hot paths on the JVM, measured by JMH; built by {@code make jmh} only. */
package dev.unifiedstorage.benchmark.jmh;
