package dev.unifiedstorage.worker;

import dev.unifiedstorage.feed.FeedListener;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import java.util.List;

/** Whatever in the same isolate follows things: it is told in the form of a push. */
final class HostFollower implements FeedListener {
  private final Changes changes;
  private final Ending failed;
  private final Json json;
  private boolean whole;

  /**
   * @param whole whether everything there is comes first
   */
  HostFollower(Changes changes, Ending failed, Json json, boolean whole) {
    this.changes = changes;
    this.failed = failed;
    this.json = json;
    this.whole = whole;
  }

  @Override
  public void changed(List<Changed> changed, String at, boolean more) {
    JsonWriter writer = json.writer().raw("{\"things\":");
    String separator = "{";
    for (Changed one : changed) {
      writer.raw(separator).string(one.id()).raw(":");
      if (one.thing() == null) {
        writer.raw("null");
      } else {
        one.thing().writeTo(writer, json);
      }
      separator = ",";
    }
    writer.raw(changed.isEmpty() ? "{}" : "}").raw(",\"at\":").string(at);
    writer.raw(more ? ",\"more\":true" : ",\"more\":false");
    writer.raw(whole ? ",\"snapshot\":true}" : ",\"snapshot\":false}");
    whole = false;
    changes.changed(writer.text());
  }

  @Override
  public void restarted() {
    whole = true;
  }

  @Override
  public void failed(String error) {
    failed.ended(error);
  }
}
