/**
 * The archive: the Pipeline's events as an Iceberg table on disk, as Cloudflare's sink leaves them
 * in R2.
 *
 * <p>The way in: {@link dev.unifiedstorage.emulator.archive.Sink} follows the log of the stream
 * {@code events}, turns each line into a row ({@link
 * dev.unifiedstorage.emulator.archive.RecordLine}), writes a Parquet file a batch and commits it to
 * the table {@code unified_storage.events} ({@link
 * dev.unifiedstorage.emulator.archive.EventsTable}). One commit moves the rows and the log offset
 * they reach to, so a batch is in the table once, whenever the process dies.
 *
 * <p>The way out: {@link dev.unifiedstorage.emulator.archive.ArchiveReader} is core's port {@code
 * IcebergReader} for one object. It reads the files of one snapshot that may hold a namespace, and
 * {@link dev.unifiedstorage.emulator.archive.RowSorter} brings the rows in order, on disk when they
 * do not fit in memory. Others read the same table over HTTP: its names by {@link
 * dev.unifiedstorage.emulator.archive.CatalogRest}, its files as objects.
 *
 * <p>Iceberg and Parquet are many classes. {@link dev.unifiedstorage.emulator.archive.Archive}
 * names none of them, and the first thread that needs the table loads them: the emulator answers
 * before it has an archive.
 *
 * <p>Internal: only the emulator itself uses its types.
 */
package dev.unifiedstorage.emulator.archive;
