package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Peer;
import java.util.List;
import java.util.Map;

/** One socket of a client that numbers its writes; it outlives the store's memory. */
final class SessionSocket extends Client implements Peer {
  private final SessionClient owner;
  private final int id;
  private String attachment = "";
  private boolean open = true;

  /** The client does not hear any more what comes through it, and does not know. */
  boolean deaf;

  /** Whether it belongs to the client's session. */
  boolean greeted;

  /** Up to which number the store makes it remember that the session's were carried out. */
  int remembers;

  SessionSocket(SessionClient owner, Life life) {
    super(owner.world, owner.number);
    this.owner = owner;
    this.id = owner.world.followers.nextId();
    this.life = life;
  }

  boolean isOpen() {
    return open;
  }

  @Override
  void disconnect() {
    super.disconnect();
    open = false;
  }

  @Override
  Connection connection(Life of) {
    return new Connection() {
      @Override
      public void send(String text) {
        of.before(PortCall.REPLY);
        List<Map<String, Object>> replies =
            text.startsWith("[") ? Texts.parseAll(text) : List.of(Texts.parse(text));
        replies.forEach(reply -> told(of, reply));
        of.after(PortCall.REPLY);
      }

      @Override
      public Peer peer() {
        return SessionSocket.this;
      }
    };
  }

  /** A write that it has brought has carried a session up to a number. */
  void carriedOut(String session, int n) {
    remembers = owner.session().equals(session) ? Math.max(remembers, n) : remembers;
  }

  private void told(Life by, Map<String, Object> reply) {
    boolean hears = open && !deaf;
    if (owner.isGreeting(reply)) {
      owner.greeted(by, this, reply);
      return;
    }
    world.replies.replied(by, reply, hears);
    if (hears && !by.isOver()) {
      owner.told(reply);
    }
  }

  // ---- as the store sees it

  @Override
  public int id() {
    return id;
  }

  @Override
  public String attachment() {
    return attachment;
  }

  @Override
  public void attach(String text) {
    attachment = text;
  }

  @Override
  public boolean push(String text) {
    throw new Violation("nothing is pushed unasked", text);
  }

  @Override
  public double unsentBytes() {
    return 0;
  }

  @Override
  public void close(int code, String reason) {
    throw new Violation("sockets are not closed without a reason", code + " " + reason);
  }
}
