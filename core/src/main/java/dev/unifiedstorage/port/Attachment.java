package dev.unifiedstorage.port;

/** What is kept with a socket through hibernation: a JSON object with a member for each user. */
public final class Attachment {
  private Attachment() {}

  /** All members; empty at first. */
  public static JsonObject read(Peer peer, Json json) {
    String text = peer.attachment();
    return text.isEmpty() ? json.object() : json.parse(text);
  }

  /** Keeps all members in the place of those before. */
  public static void write(Peer peer, JsonObject members, Json json) {
    peer.attach(members.keys().isEmpty() ? "" : json.writer().object(members).text());
  }
}
