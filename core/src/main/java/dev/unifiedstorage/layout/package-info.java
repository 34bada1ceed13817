/**
 * The SQLite layout: what a row looks like, which row is free, and the one commit record.
 *
 * <p>Rows are what a user pays for, so they are few and fat. Three tables, each made when it is
 * first needed: {@code segments} holds packed things and the event log, {@code collections} one row
 * a small collection, {@code things} one row a thing.
 *
 * <p>A transaction numbers itself ({@code tx}) and says once what now holds for the whole object:
 * the {@link dev.unifiedstorage.layout.CommitRecord}, which rides in the {@code head} column of a
 * row that the transaction writes anyway. The head with the highest tx is the one that counts.
 * Every row has a checksum over all of its columns, so that a damaged row is an error and never a
 * wrong answer.
 *
 * <p>Public API: {@link dev.unifiedstorage.layout.Layout}. Other types are public for the rest of
 * the core.
 */
@NullMarked
package dev.unifiedstorage.layout;

import org.jspecify.annotations.NullMarked;
