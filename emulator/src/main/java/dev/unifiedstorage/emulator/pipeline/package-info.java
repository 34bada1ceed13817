/**
 * What stands in for a Cloudflare Pipeline.
 *
 * <p>{@link dev.unifiedstorage.emulator.pipeline.EmbeddedPipeline} keeps every stream as an fsynced
 * log of JSON lines under the data folder and is the default; a {@link
 * dev.unifiedstorage.emulator.pipeline.LogFollower} feeds the archive from it. {@link
 * dev.unifiedstorage.emulator.pipeline.HttpPipeline} posts to an endpoint of the user's choice.
 * {@link dev.unifiedstorage.emulator.pipeline.Faults} stands in front of either and makes it
 * misbehave on request, for a store's promises are about the days when a Pipeline does.
 *
 * <p>Public API: {@link dev.unifiedstorage.emulator.pipeline.Faults}. Other types are public for
 * the rest of the emulator.
 */
package dev.unifiedstorage.emulator.pipeline;
