/**
 * Drives a server from outside: raw sockets, HTTP routes, and the server run as a child process.
 *
 * <p>It knows only what the contract says of the outside, never a class of the store, so that the
 * programs built on it (demo, benchmark, conformance) see what a user sees.
 */
package dev.unifiedstorage.driver;
