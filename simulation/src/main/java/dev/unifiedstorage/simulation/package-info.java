/**
 * Random worlds that try to break the store.
 *
 * <p>One seed makes one {@link dev.unifiedstorage.simulation.Plan}: a configuration and a list of
 * steps, each a request, a wait or a fault. A {@link dev.unifiedstorage.simulation.World} carries
 * it out on one thread, under virtual time, around {@link dev.unifiedstorage.simulation.Life lives}
 * of the real core, each with its own ports over one {@link dev.unifiedstorage.simulation.Disk},
 * one {@link dev.unifiedstorage.simulation.Stream} and one {@link
 * dev.unifiedstorage.simulation.Sink}. The {@link dev.unifiedstorage.simulation.Model} knows every
 * change that was ever tried, as a tree, because a crash may take the log back to an earlier event;
 * {@link dev.unifiedstorage.simulation.Replies} hold the model against what clients are told,
 * {@link dev.unifiedstorage.simulation.Past} against what they are told of the past, and {@link
 * dev.unifiedstorage.simulation.Checkers} against the store, its rows and the Pipeline.
 *
 * <p>In some worlds {@link dev.unifiedstorage.simulation.SessionClients} number their writes and
 * send them again until they have an answer: {@link dev.unifiedstorage.simulation.Once} knows from
 * the path of the log which numbers were carried out, and which answers are right.
 *
 * <p>What happens to the file and to the store as a whole has classes of its own: {@link
 * dev.unifiedstorage.simulation.Copies} of the database are put back, {@link
 * dev.unifiedstorage.simulation.Whole} stores are deleted and restored, and {@link
 * dev.unifiedstorage.simulation.OldRows} are there before some worlds begin. The {@link
 * dev.unifiedstorage.simulation.Tree} says what a start must come to then, by the rules of lives.
 *
 * <p>{@link dev.unifiedstorage.simulation.Forks} of a store begin in some worlds, in the {@link
 * dev.unifiedstorage.simulation.OtherStore} beside it.
 *
 * <p>The same seed gives the same {@link dev.unifiedstorage.simulation.Trace}. A plan that fails is
 * made small by the {@link dev.unifiedstorage.simulation.Shrinker}; a {@link
 * dev.unifiedstorage.simulation.Campaign} runs many of them.
 */
package dev.unifiedstorage.simulation;
