/**
 * The emulator's doors: HTTP routes by Javalin, sockets by Jetty underneath it, the Pipeline's
 * ingest, the archive's catalog and files, and the switchboard for faults.
 *
 * <p>Internal: only the emulator itself uses its types.
 */
package dev.unifiedstorage.emulator.http;
