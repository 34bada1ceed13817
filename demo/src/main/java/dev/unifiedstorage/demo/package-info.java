/**
 * The demo: real flights replayed as a live feed, what they cost, and a kill that loses nothing.
 *
 * <p>What the store should hold is computed from the input alone ({@link
 * dev.unifiedstorage.demo.Expected}), never from what was sent.
 */
package dev.unifiedstorage.demo;
