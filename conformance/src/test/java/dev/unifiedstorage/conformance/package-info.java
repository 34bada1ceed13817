/**
 * The contract, tested from outside: every target runs the same classes over HTTP and WebSocket.
 *
 * <p>Nothing here may name a class of the store. Where targets differ on purpose, {@link
 * dev.unifiedstorage.conformance.Target} declares it with its reason.
 */
package dev.unifiedstorage.conformance;
