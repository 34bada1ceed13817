package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.LifeStep;
import dev.unifiedstorage.port.StoreObserver;

/** Tells the operator the steps of a store's life: a sentence for people, a line for programs. */
public final class LifeSteps {
  private final StoreObserver observer;
  private final Origin origin;
  private final Seqs seqs;

  LifeSteps(StoreObserver observer, Origin origin, Seqs seqs) {
    this.observer = observer;
    this.origin = origin;
    this.seqs = seqs;
  }

  /** A step of which there is a reason to tell. */
  public void say(LifeStep step, String why) {
    say(step, why, member("why").string(why));
  }

  /**
   * A step of which there are figures to tell: as many as there are names, in their order.
   *
   * @param source where they come from, "" where that is clear
   */
  public void say(LifeStep step, String source, String[] names, double... figures) {
    JsonWriter members = origin.json().writer();
    StringBuilder sentence = new StringBuilder(step.label());
    if (!source.isEmpty()) {
      members.raw(member("source").string(source));
      sentence.append(" from ").append(source);
    }
    for (int i = 0; i < names.length; i++) {
      members.raw(member(names[i]).number(figures[i]));
      sentence.append(", ").append(names[i]).append(' ').append((long) figures[i]);
    }
    say(step, sentence.toString(), members);
  }

  private JsonWriter member(String name) {
    return origin.json().writer().raw(",").string(name).raw(":");
  }

  private void say(LifeStep step, String message, JsonWriter members) {
    String namespace = origin.namespace();
    JsonWriter line = origin.json().writer().raw("{\"step\":").string(step.label());
    line.raw(member("namespace").string(namespace));
    line.raw(member("epoch").number(seqs.epoch()));
    line.raw(member("seq").number(seqs.applied()));
    String at = ", epoch " + (long) seqs.epoch() + ", seq " + (long) seqs.applied() + ": ";
    String text = line.raw(members).raw("}").text();
    observer.step(step, "namespace " + namespace + at + message, text);
  }
}
